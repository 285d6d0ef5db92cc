// Made from docs/contracts/openapi.json by `npm run types`.

export interface Credentials {
  readonly account: string;
  readonly password: string;
}

export interface PasswordChange {
  readonly current: string;
  readonly new: string;
}

export interface BulkBody {
  readonly action: "disable" | "enable" | "pause" | "resume" | "run";
  readonly names?: readonly (string)[] | null;
  readonly filter?: BulkFilter | null;
  readonly reason?: string;
}

export interface BulkFilter {
  readonly category?: string | null;
  readonly status?: "disabled" | "error" | "idle" | "paused" | "queued" | "running" | null;
}

export interface RunBody {
  readonly params?: Record<string, unknown>;
  readonly dry_run?: boolean;
}

export interface PauseBody {
  readonly until?: string | null;
  readonly reason?: string;
}

export interface DisableBody {
  readonly reason?: string;
}

export interface ScheduleBody {
  readonly interval: string;
}

export interface ServerBody {
  readonly kind: "jellyfin" | "plex";
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly local_url?: string;
  readonly public_url?: string;
  readonly enabled?: boolean;
  readonly unchecked?: boolean;
}

export interface ServerChange {
  readonly name?: string | null;
  readonly url?: string | null;
  readonly local_url?: string | null;
  readonly public_url?: string | null;
  readonly token?: string | null;
  readonly enabled?: boolean | null;
  readonly unchecked?: boolean;
}

export interface NewUser {
  readonly name: string;
  readonly role: "admin" | "operator" | "viewer";
  readonly password: string;
}

export interface UserChange {
  readonly role?: "admin" | "operator" | "viewer" | null;
  readonly password?: string | null;
}

export interface NewToken {
  readonly name: string;
  readonly role: "admin" | "operator" | "viewer";
  readonly expires_at?: string | null;
}

export interface Health {
  readonly alive: boolean;
}

export interface Readiness {
  readonly ready: boolean;
  readonly nats: boolean;
  readonly postgres: boolean;
  readonly board: boolean;
  readonly stopping: boolean;
}

export interface WhoAmI {
  readonly account: string;
  readonly role: "admin" | "operator" | "viewer";
  readonly expires_at: string | null;
}

export interface JobList {
  readonly scheduler: SchedulerView;
  readonly jobs: readonly (Job)[];
  readonly next: string | null;
}

export interface SchedulerView {
  readonly state: "absent" | "leading" | "unreachable";
  readonly leader: string | null;
  readonly heartbeat_at: string | null;
  readonly detail: string;
}

export interface Job {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly advanced: boolean;
  readonly editable: boolean;
  readonly destructive: boolean;
  readonly dry_run: boolean;
  readonly parameters: readonly (ParameterView)[];
  readonly schedule: ScheduleView;
  readonly status: "disabled" | "error" | "idle" | "paused" | "queued" | "running";
  readonly enabled: boolean;
  readonly paused: boolean;
  readonly paused_until: string | null;
  readonly reason: string;
  readonly run_count: number;
  readonly run_count_since_start: number;
  readonly last_run: LastRun | null;
  readonly next_run_at: string | null;
  readonly last_error: LastError | null;
  readonly running: RunningView | null;
  readonly needs: readonly (NeedView)[];
  readonly recent: readonly (RecentRun)[];
}

export interface ParameterView {
  readonly name: string;
  readonly title: string;
  readonly kind: "boolean" | "choice" | "integer" | "text";
  readonly default: unknown;
  readonly required: boolean;
  readonly choices: readonly (string)[];
}

export interface ScheduleView {
  readonly kind: "cron" | "interval";
  readonly value: string;
  readonly words: string;
  readonly timezone: string | null;
  readonly overridden: boolean;
  readonly minimum: string;
}

export interface LastRun {
  readonly id: string;
  readonly trigger: "manual" | "retry" | "slot" | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly outcome: "cancelled" | "failed" | "skipped" | "succeeded";
  readonly summary: string;
}

export interface LastError {
  readonly message: string;
  readonly at: string | null;
}

export interface RunningView {
  readonly run_id: string;
  readonly state: "finished" | "queued" | "retrying" | "running";
  readonly attempt: number;
  readonly progress: number | null;
  readonly note: string;
  readonly started_at: string | null;
  readonly eta: string | null;
}

export interface NeedView {
  readonly what: string;
  readonly met: boolean | null;
  readonly hint: string;
}

export interface RecentRun {
  readonly number: number;
  readonly outcome: "cancelled" | "failed" | "skipped" | "succeeded";
  readonly duration_ms: number | null;
}

export interface BulkResults {
  readonly results: readonly (BulkResult)[];
}

export interface BulkResult {
  readonly name: string;
  readonly done: boolean;
  readonly code: "audit_unavailable" | "bad_body" | "bad_interval" | "bad_parameter" | "bad_params" | "bad_request" | "body_too_large" | "cross_origin" | "database_unreachable" | "dry_run_unsupported" | "duplicate_server" | "forbidden" | "internal_error" | "job_disabled" | "job_running" | "job_unknown" | "last_admin" | "method_not_allowed" | "not_found" | "run_not_active" | "run_not_finished" | "run_unknown" | "schedule_locked" | "scheduler_unreachable" | "server_refused" | "server_unknown" | "token_exists" | "token_unknown" | "too_many_tries" | "unauthenticated" | "unknown_parameter" | "user_exists" | "user_unknown" | "weak_password" | "wrong_password" | null;
  readonly detail: string;
}

export interface UpcomingSlots {
  readonly timezone: string;
  readonly enabled: boolean;
  readonly paused: boolean;
  readonly slots: readonly (UpcomingSlot)[];
}

export interface UpcomingSlot {
  readonly slot: string;
  readonly local: string;
  readonly note: string;
  readonly passed_over: boolean;
}

export interface PastSlots {
  readonly slots: readonly (PastSlot)[];
  readonly next: string | null;
}

export interface PastSlot {
  readonly slot: string;
  readonly last: string;
  readonly count: number;
  readonly fired: boolean;
  readonly why: "by_hand" | "disabled" | "downtime" | "merged" | "overlap" | "paused" | null;
  readonly run_id: string | null;
  readonly fired_at: string | null;
  readonly lateness_ms: number | null;
  readonly state: "finished" | "queued" | "retrying" | "running" | null;
  readonly outcome: "cancelled" | "failed" | "skipped" | "succeeded" | null;
}

export interface RunStarted {
  readonly run_id: string;
}

export interface RunList {
  readonly runs: readonly (RunView)[];
  readonly next: string | null;
}

export interface RunView {
  readonly id: string;
  readonly job: string;
  readonly category: string;
  readonly state: "finished" | "queued" | "retrying" | "running";
  readonly trigger: "manual" | "retry" | "slot" | null;
  readonly slot: string | null;
  readonly due_at: string | null;
  readonly fired_at: string | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly duration_ms: number | null;
  readonly attempt: number;
  readonly outcome: "cancelled" | "failed" | "skipped" | "succeeded" | null;
  readonly summary: string;
  readonly error: Failure | null;
  readonly progress: number | null;
  readonly note: string;
  readonly next_attempt_at: string | null;
  readonly worker: string;
  readonly params: Record<string, unknown>;
  readonly dry_run: boolean;
  readonly asked_by: string;
  readonly retry_of: string | null;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly trace: string;
}

export interface Attempts {
  readonly attempts: readonly (EndedAttempt)[];
}

export interface EndedAttempt {
  readonly attempt: number;
  readonly worker: string;
  readonly ended_at: string;
  readonly next_at: string;
  readonly error: Failure;
}

export interface Log {
  readonly lines: readonly (LogLine)[];
  readonly next: string | null;
}

export interface LogLine {
  readonly attempt: number;
  readonly number: number;
  readonly at: string;
  readonly level: "debug" | "error" | "info" | "warning";
  readonly text: string;
}

export interface Changes {
  readonly changes: readonly (ChangeRow)[];
  readonly next: string | null;
}

export interface ChangeRow {
  readonly number: number;
  readonly action: string;
  readonly target: string;
  readonly why: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly state: string;
  readonly detail: string;
}

export interface ServerList {
  readonly servers: readonly (Server)[];
}

export interface Server {
  readonly id: string;
  readonly kind: "jellyfin" | "plex";
  readonly name: string;
  readonly url: string;
  readonly local_url: string;
  readonly public_url: string;
  readonly identifier: string;
  readonly real_name: string;
  readonly version: string;
  readonly state: "down" | "unauthorized" | "unknown" | "up";
  readonly state_since: string;
  readonly last_seen_at: string | null;
  readonly last_error: string;
  readonly latency_ms: number | null;
  readonly enabled: boolean;
  readonly created_at: string;
}

export interface LibraryList {
  readonly libraries: readonly (Library)[];
}

export interface Library {
  readonly id: string;
  readonly server_id: string;
  readonly outside_id: string;
  readonly title: string;
  readonly kind: "books" | "mixed" | "movies" | "music" | "other" | "photos" | "shows";
  readonly item_count: number;
  readonly created_at: string;
  readonly removed_at: string | null;
}

export interface PersonList {
  readonly people: readonly (Person)[];
  readonly next: string | null;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly created_at: string;
}

export interface AccountList {
  readonly accounts: readonly (Account)[];
  readonly next: string | null;
}

export interface Account {
  readonly id: string;
  readonly server_id: string;
  readonly outside_id: string;
  readonly person_id: string;
  readonly username: string;
  readonly title: string;
  readonly email: string;
  readonly role: "admin" | "friend" | "home" | "managed" | "owner" | "user";
  readonly state: "active" | "disabled" | "pending" | "removed";
  readonly all_libraries: boolean;
  readonly last_active_at: string | null;
  readonly created_at: string;
  readonly removed_at: string | null;
}

export interface UserList {
  readonly users: readonly (User)[];
}

export interface User {
  readonly name: string;
  readonly role: "admin" | "operator" | "viewer";
  readonly created_at: string;
}

export interface TokenList {
  readonly tokens: readonly (Token)[];
}

export interface Token {
  readonly name: string;
  readonly role: "admin" | "operator" | "viewer";
  readonly account: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
}

export interface MadeToken {
  readonly name: string;
  readonly role: "admin" | "operator" | "viewer";
  readonly account: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly token: string;
}

export interface AuditList {
  readonly audit: readonly (AuditRow)[];
  readonly next: string | null;
}

export interface AuditRow {
  readonly at: string;
  readonly who: string;
  readonly address: string;
  readonly action: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly id: number;
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: "audit_unavailable" | "bad_body" | "bad_interval" | "bad_parameter" | "bad_params" | "bad_request" | "body_too_large" | "cross_origin" | "database_unreachable" | "dry_run_unsupported" | "duplicate_server" | "forbidden" | "internal_error" | "job_disabled" | "job_running" | "job_unknown" | "last_admin" | "method_not_allowed" | "not_found" | "run_not_active" | "run_not_finished" | "run_unknown" | "schedule_locked" | "scheduler_unreachable" | "server_refused" | "server_unknown" | "token_exists" | "token_unknown" | "too_many_tries" | "unauthenticated" | "unknown_parameter" | "user_exists" | "user_unknown" | "weak_password" | "wrong_password";
  readonly detail: string;
}

export interface Calls {
  "GET /api/openapi.json": { path: undefined; query: undefined; body: undefined; gives: Record<string, unknown> };
  "GET /healthz": { path: undefined; query: undefined; body: undefined; gives: Health };
  "GET /readyz": { path: undefined; query: undefined; body: undefined; gives: Readiness };
  "GET /metrics": { path: undefined; query: undefined; body: undefined; gives: undefined };
  "POST /api/session": { path: undefined; query: undefined; body: Credentials; gives: WhoAmI };
  "GET /api/session": { path: undefined; query: undefined; body: undefined; gives: WhoAmI };
  "DELETE /api/session": { path: undefined; query: undefined; body: undefined; gives: undefined };
  "PUT /api/session/password": { path: undefined; query: undefined; body: PasswordChange; gives: undefined };
  "GET /api/jobs": { path: undefined; query: { category?: string | null; status?: "disabled" | "error" | "idle" | "paused" | "queued" | "running" | null; text?: string | null; advanced?: boolean; limit?: number | null; after?: string | null }; body: undefined; gives: JobList };
  "GET /api/jobs/sse": { path: undefined; query: undefined; body: undefined; gives: undefined };
  "POST /api/jobs/bulk": { path: undefined; query: undefined; body: BulkBody; gives: BulkResults };
  "GET /api/jobs/{name}": { path: { name: string }; query: undefined; body: undefined; gives: Job };
  "GET /api/jobs/{name}/upcoming": { path: { name: string }; query: { count?: number }; body: undefined; gives: UpcomingSlots };
  "GET /api/jobs/{name}/slots": { path: { name: string }; query: { limit?: number; after?: string | null }; body: undefined; gives: PastSlots };
  "POST /api/jobs/{name}/run": { path: { name: string }; query: undefined; body: RunBody; gives: RunStarted };
  "POST /api/jobs/{name}/pause": { path: { name: string }; query: undefined; body: PauseBody; gives: Job };
  "POST /api/jobs/{name}/resume": { path: { name: string }; query: undefined; body: undefined; gives: Job };
  "POST /api/jobs/{name}/skip": { path: { name: string }; query: undefined; body: undefined; gives: Job };
  "POST /api/jobs/{name}/enable": { path: { name: string }; query: undefined; body: undefined; gives: Job };
  "POST /api/jobs/{name}/disable": { path: { name: string }; query: undefined; body: DisableBody; gives: Job };
  "PUT /api/jobs/{name}/schedule": { path: { name: string }; query: undefined; body: ScheduleBody; gives: Job };
  "DELETE /api/jobs/{name}/schedule": { path: { name: string }; query: undefined; body: undefined; gives: Job };
  "GET /api/runs": { path: undefined; query: { job?: string | null; category?: string | null; outcome?: "cancelled" | "failed" | "skipped" | "succeeded" | null; state?: "finished" | "queued" | "retrying" | "running" | null; trigger?: "manual" | "retry" | "slot" | null; since?: string | null; until?: string | null; limit?: number; after?: string | null }; body: undefined; gives: RunList };
  "GET /api/runs/{id}": { path: { id: string }; query: undefined; body: undefined; gives: RunView };
  "GET /api/runs/{id}/attempts": { path: { id: string }; query: undefined; body: undefined; gives: Attempts };
  "GET /api/runs/{id}/log": { path: { id: string }; query: { limit?: number; after?: string | null }; body: undefined; gives: Log };
  "GET /api/runs/{id}/changes": { path: { id: string }; query: { limit?: number; after?: string | null }; body: undefined; gives: Changes };
  "GET /api/runs/{id}/sse": { path: { id: string }; query: undefined; body: undefined; gives: undefined };
  "POST /api/runs/{id}/cancel": { path: { id: string }; query: undefined; body: undefined; gives: RunStarted };
  "POST /api/runs/{id}/retry": { path: { id: string }; query: undefined; body: undefined; gives: RunStarted };
  "GET /api/servers": { path: undefined; query: undefined; body: undefined; gives: ServerList };
  "POST /api/servers": { path: undefined; query: undefined; body: ServerBody; gives: Server };
  "GET /api/servers/{id}": { path: { id: string }; query: undefined; body: undefined; gives: Server };
  "PUT /api/servers/{id}": { path: { id: string }; query: undefined; body: ServerChange; gives: Server };
  "DELETE /api/servers/{id}": { path: { id: string }; query: undefined; body: undefined; gives: undefined };
  "POST /api/servers/{id}/check": { path: { id: string }; query: undefined; body: undefined; gives: Server };
  "GET /api/libraries": { path: undefined; query: { server?: string | null }; body: undefined; gives: LibraryList };
  "GET /api/people": { path: undefined; query: { limit?: number; after?: string | null }; body: undefined; gives: PersonList };
  "GET /api/accounts": { path: undefined; query: { server?: string | null; limit?: number; after?: string | null }; body: undefined; gives: AccountList };
  "GET /api/users": { path: undefined; query: undefined; body: undefined; gives: UserList };
  "POST /api/users": { path: undefined; query: undefined; body: NewUser; gives: User };
  "PUT /api/users/{name}": { path: { name: string }; query: undefined; body: UserChange; gives: User };
  "DELETE /api/users/{name}": { path: { name: string }; query: undefined; body: undefined; gives: undefined };
  "GET /api/tokens": { path: undefined; query: undefined; body: undefined; gives: TokenList };
  "POST /api/tokens": { path: undefined; query: undefined; body: NewToken; gives: MadeToken };
  "DELETE /api/tokens/{name}": { path: { name: string }; query: undefined; body: undefined; gives: undefined };
  "GET /api/audit": { path: undefined; query: { limit?: number; after?: string | null }; body: undefined; gives: AuditList };
}

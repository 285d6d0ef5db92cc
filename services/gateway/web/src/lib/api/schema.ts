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

export interface Quiet {
  readonly nobody_streaming: boolean;
  readonly hours: string;
}

export interface ServerBody {
  readonly kind: "jellyfin" | "plex" | "shoko";
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly local_url?: string;
  readonly public_url?: string;
  readonly enabled?: boolean;
  readonly shoko_id?: string | null;
  readonly unchecked?: boolean;
}

export interface ServerChange {
  readonly name?: string | null;
  readonly url?: string | null;
  readonly local_url?: string | null;
  readonly public_url?: string | null;
  readonly token?: string | null;
  readonly enabled?: boolean | null;
  readonly shoko_id?: string | null;
  readonly unchecked?: boolean;
}

export interface ShokoUserBody {
  readonly username?: string;
  readonly password?: string;
  readonly key?: string;
}

export interface PersonDetails {
  readonly name: string;
  readonly email?: string;
  readonly second_email?: string;
  readonly language?: string;
  readonly notes?: string;
}

export interface ImportBody {
  readonly csv: string;
  readonly apply?: boolean;
  readonly digest?: string;
}

export interface PersonChange {
  readonly name?: string | null;
  readonly email?: string | null;
  readonly second_email?: string | null;
  readonly language?: string | null;
  readonly notes?: string | null;
}

export interface RuleBody {
  readonly effect: "allow" | "always" | "deny";
  readonly note?: string;
}

export interface SuspendBody {
  readonly reason?: string;
}

export interface MergeBody {
  readonly other: string;
}

export interface InviteBody {
  readonly server_id: string;
}

export interface Assignment {
  readonly person_id: string;
}

export interface SubscriptionBody {
  readonly plan_id?: string | null;
  readonly expires_on?: string | null;
  readonly for_life?: boolean;
  readonly keep_present?: boolean;
}

export interface RenewBody {
  readonly days?: number | null;
}

export interface GiftBody {
  readonly people: readonly (string)[];
  readonly days: number;
  readonly note?: string;
}

export interface PlanDetails {
  readonly name: string;
  readonly days?: number | null;
  readonly stream_limit?: number | null;
  readonly notes?: string;
  readonly libraries?: readonly (string)[];
}

export interface SettingsBody {
  readonly access?: AccessPolicy | null;
  readonly alerts?: AlertPolicy | null;
  readonly backups?: BackupPolicy | null;
  readonly history?: HistoryPolicy | null;
}

export interface AccessPolicy {
  readonly pre_expired_days: number;
  readonly reminder_days: number;
  readonly on_expiry: "disable" | "off" | "warn" | "warn_then_disable";
  readonly grace_days: number;
  readonly most_people: number;
  readonly most_share: number;
  readonly hand_edits: "adopt" | "revert";
  readonly lock_on_jellyfin: boolean;
}

export interface AlertPolicy {
  readonly calm_minutes: number;
  readonly stuck_minutes: number;
}

export interface BackupPolicy {
  readonly keep_days: number;
  readonly keep_count: number;
}

export interface HistoryPolicy {
  readonly runs: number;
  readonly logs: number;
  readonly slots: number;
  readonly hook_deliveries: number;
  readonly audit: number;
  readonly deliveries: number;
  readonly alerts: number;
  readonly events: number;
  readonly spells: number;
}

export interface MailSetupBody {
  readonly policy: MailPolicy;
  readonly smtp_password?: string | null;
  readonly oauth_client_secret?: string | null;
}

export interface MailPolicy {
  readonly server: MailServer | null;
  readonly oauth: OAuthClient | null;
  readonly per_minute: number | null;
  readonly per_day: number | null;
  readonly default_language: string;
  readonly brand_name: string;
  readonly public_url: string;
}

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly security: "plain" | "starttls" | "tls";
  readonly login: "none" | "oauth" | "password";
  readonly username: string;
  readonly sender: string;
  readonly sender_name: string;
  readonly reply_to: string;
}

export interface OAuthClient {
  readonly provider: "google" | "microsoft" | Provider;
  readonly client_id: string;
}

export interface Provider {
  readonly name: string;
  readonly authorize_url: string;
  readonly token_url: string;
  readonly scope: string;
  readonly more_scopes: readonly (string)[];
  readonly extra: Record<string, string>;
  readonly host: string;
  readonly port: number;
  readonly security: "plain" | "starttls" | "tls";
}

export interface MailCheckBody {
  readonly server?: MailServer | null;
  readonly smtp_password?: string | null;
  readonly recipient?: string;
}

export interface TemplateBody {
  readonly event: "access_restored" | "after_expiry" | "before_expiry" | "expired" | "pending_invitation" | "subscription_changed" | "welcome";
  readonly days?: number;
  readonly language: string;
  readonly provider?: "jellyfin" | "plex" | null;
  readonly plan_id?: string | null;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly enabled?: boolean;
}

export interface PreviewBody {
  readonly event?: "access_restored" | "after_expiry" | "before_expiry" | "expired" | "pending_invitation" | "subscription_changed" | "welcome" | null;
  readonly days?: number;
  readonly language?: string;
  readonly provider?: "jellyfin" | "plex" | null;
  readonly person_id?: string | null;
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
}

export interface TrialBody {
  readonly address: string;
  readonly person_id?: string | null;
}

export interface CampaignBody {
  readonly name: string;
  readonly language?: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly audience?: Audience;
}

export interface Audience {
  readonly states: readonly ("active" | "expired" | "invited" | "pre_expired" | "reminder" | "removed" | "suspended")[];
  readonly plans: readonly (string)[];
  readonly servers: readonly (string)[];
  readonly languages: readonly (string)[];
  readonly people: readonly (string)[];
}

export interface AudienceBody {
  readonly audience?: Audience;
}

export interface LaunchBody {
  readonly at?: string | null;
}

export interface PersonMailBody {
  readonly campaigns: boolean;
}

export interface NewChannel {
  readonly name: string;
  readonly url: string;
  readonly kinds?: readonly ("failed" | "held" | "recovered" | "stuck")[];
  readonly enabled?: boolean;
}

export interface ChannelChange {
  readonly url?: string | null;
  readonly kinds: readonly ("failed" | "held" | "recovered" | "stuck")[];
  readonly enabled: boolean;
}

export interface AppliedBody {
  readonly items: Record<string, Record<string, Record<string, string>>>;
}

export interface NewHookIn {
  readonly job: string;
  readonly params?: Record<string, unknown>;
  readonly events?: readonly (string)[];
  readonly per_minute?: number;
  readonly enabled?: boolean;
  readonly name: string;
  readonly proof?: "signature" | "token";
}

export interface HookInDetails {
  readonly job: string;
  readonly params?: Record<string, unknown>;
  readonly events?: readonly (string)[];
  readonly per_minute?: number;
  readonly enabled?: boolean;
}

export interface NewHookOut {
  readonly url: string;
  readonly events?: readonly ("failed" | "finished" | "held" | "recovered")[];
  readonly jobs?: readonly (string)[];
  readonly categories?: readonly (string)[];
  readonly enabled?: boolean;
  readonly name: string;
}

export interface HookOutDetails {
  readonly url: string;
  readonly events?: readonly ("failed" | "finished" | "held" | "recovered")[];
  readonly jobs?: readonly (string)[];
  readonly categories?: readonly (string)[];
  readonly enabled?: boolean;
}

export interface NewBackup {
  readonly passphrase?: string | null;
}

export interface RestoreBody {
  readonly confirm: string;
  readonly passphrase?: string;
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
  readonly undo: boolean;
  readonly resources: readonly (string)[];
  readonly quiet: boolean;
  readonly parameters: readonly (ParameterView)[];
  readonly schedule: ScheduleView;
  readonly status: "disabled" | "error" | "idle" | "paused" | "queued" | "running";
  readonly enabled: boolean;
  readonly paused: boolean;
  readonly by_hand: boolean;
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
  readonly outcome: "cancelled" | "failed" | "held" | "skipped" | "succeeded";
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
  readonly outcome: "cancelled" | "failed" | "held" | "skipped" | "succeeded";
  readonly duration_ms: number | null;
}

export interface BulkResults {
  readonly results: readonly (BulkResult)[];
}

export interface BulkResult {
  readonly name: string;
  readonly done: boolean;
  readonly code: "account_unknown" | "already_approved" | "already_undone" | "audit_unavailable" | "backup_failed" | "backup_refused" | "backup_unknown" | "bad_body" | "bad_channel" | "bad_interval" | "bad_parameter" | "bad_params" | "bad_quiet" | "bad_request" | "bad_shoko" | "bad_table" | "bad_target" | "bad_template" | "body_too_large" | "campaign_unknown" | "channel_unknown" | "cross_origin" | "database_unreachable" | "days_missing" | "delivery_unknown" | "dry_run_unsupported" | "duplicate_server" | "for_life" | "forbidden" | "hook_disabled" | "hook_replayed" | "hook_unknown" | "hook_unproven" | "import_changed" | "import_faulty" | "internal_error" | "job_disabled" | "job_running" | "job_unknown" | "last_admin" | "library_unknown" | "mail_not_set_up" | "method_not_allowed" | "name_taken" | "nobody_to_mail" | "not_found" | "not_in_this_state" | "not_invitable" | "not_subscribed" | "people_clash" | "person_unknown" | "plan_in_use" | "plan_unknown" | "run_not_active" | "run_not_finished" | "run_not_held" | "run_not_undoable" | "run_unknown" | "schedule_locked" | "scheduler_unreachable" | "secret_unreadable" | "server_refused" | "server_unknown" | "shoko_user_refused" | "shoko_user_taken" | "shoko_user_unknown" | "template_taken" | "template_unknown" | "token_exists" | "token_unknown" | "too_many_calls" | "too_many_tries" | "unauthenticated" | "unknown_parameter" | "user_exists" | "user_unknown" | "weak_password" | "wrong_password" | null;
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
  readonly outcome: "cancelled" | "failed" | "held" | "skipped" | "succeeded" | null;
}

export interface RunStarted {
  readonly run_id: string;
}

export interface QuietView {
  readonly supported: boolean;
  readonly nobody_streaming: boolean;
  readonly hours: string;
  readonly timezone: string;
}

export interface NoticeList {
  readonly notices: readonly (NoticeView)[];
}

export interface NoticeView {
  readonly key: string;
  readonly code: "name_taken" | "outdated" | "unreadable" | "unusable";
  readonly why: string;
  readonly category: string;
  readonly by: string;
  readonly at: string;
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
  readonly outcome: "cancelled" | "failed" | "held" | "skipped" | "succeeded" | null;
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
  readonly approved_by: string | null;
  readonly undone_by: string | null;
  readonly holds_back: boolean;
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
  readonly kind: "jellyfin" | "plex" | "shoko";
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
  readonly shoko_id: string | null;
}

export interface ServerAvailability {
  readonly since: string;
  readonly up_share: number | null;
  readonly days: readonly (DayShare)[];
  readonly spells: readonly (Spell)[];
}

export interface DayShare {
  readonly day: string;
  readonly up_share: number | null;
  readonly known_share: number;
}

export interface Spell {
  readonly state: "down" | "unauthorized" | "unknown" | "up";
  readonly since: string;
  readonly until: string | null;
  readonly error: string;
}

export interface Viewers {
  readonly viewers: Record<string, number>;
}

export interface ShokoPeople {
  readonly people: readonly (ShokoPerson)[];
}

export interface ShokoPerson {
  readonly server_id: string;
  readonly person_id: string;
  readonly person: string;
  readonly outside_id: string;
  readonly username: string;
  readonly state: "ok" | "revoked";
  readonly changed_at: string;
  readonly changed_by: string;
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
  readonly number: number;
  readonly created_at: string;
  readonly removed_at: string | null;
}

export interface PersonList {
  readonly people: readonly (PersonCard)[];
  readonly total: number;
  readonly next: string | null;
}

export interface PersonCard {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly second_email: string;
  readonly language: string;
  readonly notes: string;
  readonly state: "active" | "expired" | "invited" | "pre_expired" | "reminder" | "removed" | "suspended";
  readonly state_since: string;
  readonly managed: boolean;
  readonly suspended_why: string;
  readonly subscription: SubscriptionView | null;
  readonly accounts: readonly (AccountBrief)[];
  readonly created_at: string;
}

export interface SubscriptionView {
  readonly plan_id: string | null;
  readonly plan: string;
  readonly started_on: string;
  readonly expires_on: string | null;
  readonly ended: boolean;
}

export interface AccountBrief {
  readonly id: string;
  readonly server_id: string;
  readonly server: string;
  readonly kind: "jellyfin" | "plex";
  readonly title: string;
  readonly role: "admin" | "friend" | "home" | "managed" | "owner" | "user";
  readonly state: "active" | "disabled" | "pending" | "removed" | "wanted";
  readonly libraries: number;
}

export interface ImportReport {
  readonly digest: string;
  readonly applied: boolean;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly errors: number;
  readonly lines: readonly (Difference)[];
}

export interface Difference {
  readonly number: number;
  readonly outcome: "added" | "changed" | "error" | "unchanged";
  readonly name: string;
  readonly person_id: string | null;
  readonly changes: readonly (FieldChange)[];
  readonly reason: string;
}

export interface FieldChange {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

export interface PersonEvents {
  readonly events: readonly (PersonEvent)[];
  readonly next: string | null;
}

export interface PersonEvent {
  readonly id: number;
  readonly at: string;
  readonly who: string;
  readonly kind: "access" | "account_moved" | "added" | "came_back" | "edited" | "ended" | "gifted" | "invited" | "managed" | "merged" | "plan_changed" | "removed" | "renewed" | "rule" | "slid" | "spared" | "state" | "subscribed" | "suspended" | "uninvited" | "unsubscribed" | "unsuspended";
  readonly before: unknown;
  readonly after: unknown;
  readonly note: string;
}

export interface PersonAccess {
  readonly person_id: string;
  readonly managed: boolean;
  readonly accounts: readonly (AccountAccess)[];
  readonly rules: readonly (Rule)[];
}

export interface AccountAccess {
  readonly account_id: string;
  readonly title: string;
  readonly role: "admin" | "friend" | "home" | "managed" | "owner" | "user";
  readonly state: string;
  readonly server_id: string;
  readonly server: string;
  readonly kind: "jellyfin" | "plex";
  readonly all_libraries: boolean;
  readonly lock: boolean | null;
  readonly invite: boolean;
  readonly trouble: Trouble | null;
  readonly held_by: string | null;
  readonly settled_at: string | null;
  readonly libraries: readonly (LibraryAccess)[];
}

export interface Trouble {
  readonly tries: number;
  readonly next_at: string;
  readonly error: string;
  readonly since: string;
}

export interface LibraryAccess {
  readonly id: string;
  readonly title: string;
  readonly intended: boolean | null;
  readonly observed: boolean;
  readonly todo: "adopt_given" | "adopt_taken" | "give" | "take" | null;
  readonly reason: ReasonView;
}

export interface ReasonView {
  readonly code: "account_removed" | "admin" | "ended" | "library_gone" | "no_plan" | "not_in_plan" | "owner" | "pending" | "plan" | "removed" | "rule_allow" | "rule_always" | "rule_deny" | "suspended" | "unmanaged";
  readonly plan: string;
  readonly on: string | null;
  readonly rule: Rule | null;
}

export interface Rule {
  readonly library_id: string;
  readonly effect: "allow" | "always" | "deny";
  readonly origin: "by_hand" | "found" | "person" | "undo";
  readonly at: string;
  readonly who: string;
  readonly note: string;
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
  readonly state: "active" | "disabled" | "pending" | "removed" | "wanted";
  readonly all_libraries: boolean;
  readonly last_active_at: string | null;
  readonly created_at: string;
  readonly removed_at: string | null;
}

export interface SubscriptionList {
  readonly subscriptions: readonly (SubscriptionRow)[];
  readonly next: string | null;
}

export interface SubscriptionRow {
  readonly person_id: string;
  readonly person: string;
  readonly state: "active" | "expired" | "invited" | "pre_expired" | "reminder" | "removed" | "suspended";
  readonly subscription: SubscriptionView;
}

export interface GiftResults {
  readonly results: readonly (GiftResult)[];
}

export interface GiftResult {
  readonly person_id: string;
  readonly name: string;
  readonly expires_on: string | null;
  readonly error: string;
}

export interface PlanList {
  readonly plans: readonly (SubscriptionPlan)[];
}

export interface SubscriptionPlan {
  readonly id: string;
  readonly name: string;
  readonly days: number | null;
  readonly stream_limit: number | null;
  readonly notes: string;
  readonly libraries: readonly (string)[];
  readonly people: number;
  readonly created_at: string;
}

export interface AccessList {
  readonly rows: readonly (AccessRow)[];
  readonly accounts: number;
  readonly differing: number;
  readonly next: string | null;
}

export interface AccessRow {
  readonly account_id: string;
  readonly account: string;
  readonly role: "admin" | "friend" | "home" | "managed" | "owner" | "user";
  readonly state: string;
  readonly person_id: string;
  readonly person: string;
  readonly managed: boolean;
  readonly server_id: string;
  readonly server: string;
  readonly kind: "jellyfin" | "plex";
  readonly observed: readonly (string)[];
  readonly intended: readonly (string)[] | null;
  readonly give: readonly (string)[];
  readonly take: readonly (string)[];
  readonly adopt_given: readonly (string)[];
  readonly adopt_taken: readonly (string)[];
  readonly lock: boolean | null;
  readonly invite: boolean;
  readonly trouble: Trouble | null;
  readonly held_by: string | null;
  readonly settled_at: string | null;
}

export interface SettingsView {
  readonly access: AccessPolicy;
  readonly alerts: AlertPolicy;
  readonly backups: BackupPolicy;
  readonly history: HistoryPolicy;
  readonly timezone: string;
}

export interface MailSetup {
  readonly policy: MailPolicy;
  readonly lacking: string;
  readonly password_set: boolean;
  readonly client_secret_set: boolean;
  readonly consent_given: boolean;
}

export interface MailCheckReport {
  readonly well: boolean;
  readonly steps: readonly (MailCheckStep)[];
  readonly may_pass: boolean;
  readonly tls: string;
  readonly method: string;
  readonly takes_utf8: boolean;
  readonly latency_ms: number | null;
}

export interface MailCheckStep {
  readonly step: "connection" | "login" | "name" | "recipient" | "sender" | "tls";
  readonly outcome: "failed" | "not_needed" | "not_tried" | "passed";
  readonly code: string;
  readonly message: string;
  readonly answer: string;
}

export interface ConsentBegun {
  readonly url: string;
}

export interface VariableList {
  readonly variables: readonly (Variable)[];
}

export interface Variable {
  readonly name: string;
  readonly meaning: string;
}

export interface TemplateList {
  readonly templates: readonly (MailTemplate)[];
}

export interface MailTemplate {
  readonly event: "access_restored" | "after_expiry" | "before_expiry" | "expired" | "pending_invitation" | "subscription_changed" | "welcome";
  readonly days: number;
  readonly language: string;
  readonly provider: "jellyfin" | "plex" | null;
  readonly plan_id: string | null;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly enabled: boolean;
  readonly id: string;
  readonly changed_at: string | null;
  readonly changed_by: string;
}

export interface Preview {
  readonly name: string;
  readonly message: Message | null;
  readonly faults: readonly (TemplateFault)[];
}

export interface Message {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface TemplateFault {
  readonly part: "html" | "subject" | "text";
  readonly line: number;
  readonly message: string;
}

export interface Delivery {
  readonly id: string;
  readonly key: string;
  readonly kind: "campaign" | "notice" | "test";
  readonly event: "access_restored" | "after_expiry" | "before_expiry" | "expired" | "pending_invitation" | "subscription_changed" | "welcome" | null;
  readonly days: number;
  readonly person_id: string | null;
  readonly name: string;
  readonly address: string;
  readonly second_address: string;
  readonly language: string;
  readonly template_id: string | null;
  readonly campaign_id: string | null;
  readonly expires_on: string | null;
  readonly subject: string;
  readonly state: "claimed" | "deferred" | "dropped" | "due" | "refused" | "sending" | "sent" | "uncertain";
  readonly tries: number;
  readonly next_at: string;
  readonly answer: string;
  readonly message_id: string;
  readonly asked_by: string;
  readonly run: string | null;
  readonly created_at: string;
  readonly claimed_at: string | null;
  readonly closed_at: string | null;
}

export interface CampaignList {
  readonly campaigns: readonly (CampaignBrief)[];
}

export interface CampaignBrief {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly subject: string;
  readonly state: "draft" | "paused" | "scheduled" | "sending" | "sent" | "stopped";
  readonly scheduled_at: string | null;
  readonly begun_at: string | null;
  readonly ended_at: string | null;
  readonly created_at: string;
  readonly created_by: string;
  readonly counts: Record<string, number>;
}

export interface Campaign {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly audience: Audience;
  readonly state: "draft" | "paused" | "scheduled" | "sending" | "sent" | "stopped";
  readonly scheduled_at: string | null;
  readonly begun_at: string | null;
  readonly ended_at: string | null;
  readonly created_at: string;
  readonly created_by: string;
  readonly changed_at: string;
  readonly changed_by: string;
  readonly counts: Record<string, number>;
}

export interface AudienceView {
  readonly count: number;
  readonly recipients: readonly (Recipient)[];
  readonly unsubscribed: number;
  readonly without_address: number;
  readonly same_address: number;
}

export interface Recipient {
  readonly person_id: string;
  readonly name: string;
  readonly address: string;
  readonly second_address: string;
  readonly language: string;
}

export interface DeliveryList {
  readonly deliveries: readonly (Delivery)[];
  readonly total: number;
  readonly next: string | null;
}

export interface PersonMail {
  readonly campaigns: boolean;
  readonly unsubscribed_at: string | null;
  readonly unsubscribed_how: string;
}

export interface AlertList {
  readonly alerts: readonly (AlertView)[];
  readonly next: string | null;
}

export interface AlertView {
  readonly id: string;
  readonly kind: "failed" | "held" | "recovered" | "stuck" | "test";
  readonly job: string;
  readonly title: string;
  readonly run: string | null;
  readonly reason: string;
  readonly at: string;
  readonly sendings: readonly (Sending)[];
}

export interface Sending {
  readonly channel: string;
  readonly state: "claimed" | "dropped" | "due" | "failed" | "sent";
  readonly tries: number;
  readonly next_at: string;
  readonly answer: string;
  readonly closed_at: string | null;
}

export interface ChannelList {
  readonly channels: readonly (Channel)[];
}

export interface Channel {
  readonly name: string;
  readonly service: string;
  readonly kinds: readonly ("failed" | "held" | "recovered" | "stuck")[];
  readonly enabled: boolean;
  readonly changed_at: string;
  readonly changed_by: string;
  readonly sent_at: string | null;
  readonly trouble: string;
}

export interface Controls {
  readonly controls: readonly (JobControl)[];
}

export interface JobControl {
  readonly job: string;
  readonly enabled: boolean;
  readonly enabled_by_default: boolean;
  readonly paused: boolean;
  readonly paused_by_default: boolean;
  readonly paused_until: string | null;
  readonly reason: string;
  readonly interval: string | null;
  readonly editable: boolean;
  readonly minimum_ms: number;
  readonly quiet: Quiet | null;
}

export interface AppliedView {
  readonly applied: Applied | null;
}

export interface Applied {
  readonly at: string;
  readonly by: string;
  readonly items: Record<string, Record<string, Record<string, string>>>;
}

export interface HookLists {
  readonly incoming: readonly (HookIn)[];
  readonly outgoing: readonly (HookOut)[];
}

export interface HookIn {
  readonly name: string;
  readonly job: string;
  readonly params: Record<string, unknown>;
  readonly events: readonly (string)[];
  readonly proof: "signature" | "token";
  readonly per_minute: number;
  readonly enabled: boolean;
  readonly created_at: string;
  readonly called_at: string | null;
  readonly last_event: string;
  readonly last_result: "coalesced" | "ignored" | "started" | "";
}

export interface HookOut {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly events: readonly ("failed" | "finished" | "held" | "recovered")[];
  readonly jobs: readonly (string)[];
  readonly categories: readonly (string)[];
  readonly enabled: boolean;
  readonly created_at: string;
}

export interface HookSecret {
  readonly name: string;
  readonly secret: string;
  readonly path: string;
}

export interface HookDelivery {
  readonly id: string;
  readonly number: number;
  readonly hook: string;
  readonly run: string | null;
  readonly job: string;
  readonly event: "failed" | "finished" | "held" | "recovered" | "test";
  readonly state: "due" | "failed" | "sent";
  readonly tries: number;
  readonly status: number | null;
  readonly answer: string;
  readonly created_at: string;
  readonly next_at: string;
  readonly closed_at: string | null;
}

export interface HookDeliveryList {
  readonly deliveries: readonly (HookDelivery)[];
  readonly next: string | null;
}

export interface BackupList {
  readonly backups: readonly (BackupView)[];
  readonly folder: string;
}

export interface BackupView {
  readonly name: string;
  readonly made_at: string;
  readonly size: number;
  readonly why: "before_restore" | "by_hand" | "schedule" | null;
  readonly version: string;
  readonly rows: number;
  readonly brings_key: boolean;
  readonly fault: string;
}

export interface Restored {
  readonly backup: string;
  readonly made_at: string;
  readonly rows: number;
  readonly kept: string;
  readonly resealed: number;
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
  readonly code: "account_unknown" | "already_approved" | "already_undone" | "audit_unavailable" | "backup_failed" | "backup_refused" | "backup_unknown" | "bad_body" | "bad_channel" | "bad_interval" | "bad_parameter" | "bad_params" | "bad_quiet" | "bad_request" | "bad_shoko" | "bad_table" | "bad_target" | "bad_template" | "body_too_large" | "campaign_unknown" | "channel_unknown" | "cross_origin" | "database_unreachable" | "days_missing" | "delivery_unknown" | "dry_run_unsupported" | "duplicate_server" | "for_life" | "forbidden" | "hook_disabled" | "hook_replayed" | "hook_unknown" | "hook_unproven" | "import_changed" | "import_faulty" | "internal_error" | "job_disabled" | "job_running" | "job_unknown" | "last_admin" | "library_unknown" | "mail_not_set_up" | "method_not_allowed" | "name_taken" | "nobody_to_mail" | "not_found" | "not_in_this_state" | "not_invitable" | "not_subscribed" | "people_clash" | "person_unknown" | "plan_in_use" | "plan_unknown" | "run_not_active" | "run_not_finished" | "run_not_held" | "run_not_undoable" | "run_unknown" | "schedule_locked" | "scheduler_unreachable" | "secret_unreadable" | "server_refused" | "server_unknown" | "shoko_user_refused" | "shoko_user_taken" | "shoko_user_unknown" | "template_taken" | "template_unknown" | "token_exists" | "token_unknown" | "too_many_calls" | "too_many_tries" | "unauthenticated" | "unknown_parameter" | "user_exists" | "user_unknown" | "weak_password" | "wrong_password";
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
  "GET /api/jobs/{name}/quiet": { path: { name: string }; query: undefined; body: undefined; gives: QuietView };
  "PUT /api/jobs/{name}/quiet": { path: { name: string }; query: undefined; body: Quiet; gives: QuietView };
  "GET /api/notices": { path: undefined; query: undefined; body: undefined; gives: NoticeList };
  "GET /api/runs": { path: undefined; query: { job?: string | null; category?: string | null; outcome?: "cancelled" | "failed" | "held" | "skipped" | "succeeded" | null; state?: "finished" | "queued" | "retrying" | "running" | null; trigger?: "manual" | "retry" | "slot" | null; since?: string | null; until?: string | null; limit?: number; after?: string | null }; body: undefined; gives: RunList };
  "GET /api/runs/{id}": { path: { id: string }; query: undefined; body: undefined; gives: RunView };
  "GET /api/runs/{id}/attempts": { path: { id: string }; query: undefined; body: undefined; gives: Attempts };
  "GET /api/runs/{id}/log": { path: { id: string }; query: { limit?: number; after?: string | null }; body: undefined; gives: Log };
  "GET /api/runs/{id}/changes": { path: { id: string }; query: { limit?: number; after?: string | null }; body: undefined; gives: Changes };
  "GET /api/runs/{id}/sse": { path: { id: string }; query: undefined; body: undefined; gives: undefined };
  "POST /api/runs/{id}/cancel": { path: { id: string }; query: undefined; body: undefined; gives: RunStarted };
  "POST /api/runs/{id}/retry": { path: { id: string }; query: undefined; body: undefined; gives: RunStarted };
  "POST /api/runs/{id}/approve": { path: { id: string }; query: undefined; body: undefined; gives: RunStarted };
  "POST /api/runs/{id}/undo": { path: { id: string }; query: undefined; body: undefined; gives: RunStarted };
  "GET /api/servers": { path: undefined; query: undefined; body: undefined; gives: ServerList };
  "POST /api/servers": { path: undefined; query: undefined; body: ServerBody; gives: Server };
  "GET /api/servers/{id}": { path: { id: string }; query: undefined; body: undefined; gives: Server };
  "PUT /api/servers/{id}": { path: { id: string }; query: undefined; body: ServerChange; gives: Server };
  "DELETE /api/servers/{id}": { path: { id: string }; query: undefined; body: undefined; gives: undefined };
  "POST /api/servers/{id}/check": { path: { id: string }; query: undefined; body: undefined; gives: Server };
  "GET /api/servers/{id}/availability": { path: { id: string }; query: { days?: number }; body: undefined; gives: ServerAvailability };
  "GET /api/servers/{id}/viewers": { path: { id: string }; query: undefined; body: undefined; gives: Viewers };
  "GET /api/servers/{id}/people": { path: { id: string }; query: undefined; body: undefined; gives: ShokoPeople };
  "PUT /api/servers/{id}/people/{person}": { path: { id: string; person: string }; query: undefined; body: ShokoUserBody; gives: ShokoPerson };
  "DELETE /api/servers/{id}/people/{person}": { path: { id: string; person: string }; query: undefined; body: undefined; gives: undefined };
  "GET /api/libraries": { path: undefined; query: { server?: string | null }; body: undefined; gives: LibraryList };
  "GET /api/people": { path: undefined; query: { text?: string; state?: "active" | "expired" | "invited" | "pre_expired" | "reminder" | "removed" | "suspended" | null; plan?: string | null; server?: string | null; limit?: number; after?: string | null }; body: undefined; gives: PersonList };
  "POST /api/people": { path: undefined; query: undefined; body: PersonDetails; gives: PersonCard };
  "GET /api/people/export": { path: undefined; query: undefined; body: undefined; gives: undefined };
  "POST /api/people/import": { path: undefined; query: undefined; body: ImportBody; gives: ImportReport };
  "GET /api/people/{id}": { path: { id: string }; query: undefined; body: undefined; gives: PersonCard };
  "PUT /api/people/{id}": { path: { id: string }; query: undefined; body: PersonChange; gives: PersonCard };
  "GET /api/people/{id}/events": { path: { id: string }; query: { limit?: number; after?: string | null }; body: undefined; gives: PersonEvents };
  "GET /api/people/{id}/access": { path: { id: string }; query: undefined; body: undefined; gives: PersonAccess };
  "PUT /api/people/{id}/rules/{library}": { path: { id: string; library: string }; query: undefined; body: RuleBody; gives: PersonAccess };
  "DELETE /api/people/{id}/rules/{library}": { path: { id: string; library: string }; query: undefined; body: undefined; gives: PersonAccess };
  "POST /api/people/{id}/suspend": { path: { id: string }; query: undefined; body: SuspendBody; gives: PersonCard };
  "POST /api/people/{id}/unsuspend": { path: { id: string }; query: undefined; body: undefined; gives: PersonCard };
  "POST /api/people/{id}/merge": { path: { id: string }; query: undefined; body: MergeBody; gives: PersonCard };
  "POST /api/people/{id}/invite": { path: { id: string }; query: undefined; body: InviteBody; gives: PersonCard };
  "POST /api/people/{id}/uninvite": { path: { id: string }; query: undefined; body: InviteBody; gives: PersonCard };
  "GET /api/accounts": { path: undefined; query: { server?: string | null; limit?: number; after?: string | null }; body: undefined; gives: AccountList };
  "PUT /api/accounts/{id}": { path: { id: string }; query: undefined; body: Assignment; gives: PersonCard };
  "GET /api/subscriptions": { path: undefined; query: { plan?: string | null; expiring_before?: string | null; limit?: number; after?: string | null }; body: undefined; gives: SubscriptionList };
  "PUT /api/people/{id}/subscription": { path: { id: string }; query: undefined; body: SubscriptionBody; gives: PersonCard };
  "DELETE /api/people/{id}/subscription": { path: { id: string }; query: undefined; body: undefined; gives: PersonCard };
  "POST /api/people/{id}/renew": { path: { id: string }; query: undefined; body: RenewBody; gives: PersonCard };
  "POST /api/people/gift": { path: undefined; query: undefined; body: GiftBody; gives: GiftResults };
  "GET /api/plans": { path: undefined; query: undefined; body: undefined; gives: PlanList };
  "POST /api/plans": { path: undefined; query: undefined; body: PlanDetails; gives: SubscriptionPlan };
  "GET /api/plans/{id}": { path: { id: string }; query: undefined; body: undefined; gives: SubscriptionPlan };
  "PUT /api/plans/{id}": { path: { id: string }; query: undefined; body: PlanDetails; gives: SubscriptionPlan };
  "DELETE /api/plans/{id}": { path: { id: string }; query: undefined; body: undefined; gives: undefined };
  "GET /api/access": { path: undefined; query: { server?: string | null; differences?: boolean; limit?: number; after?: string | null }; body: undefined; gives: AccessList };
  "GET /api/settings": { path: undefined; query: undefined; body: undefined; gives: SettingsView };
  "PUT /api/settings": { path: undefined; query: undefined; body: SettingsBody; gives: SettingsView };
  "GET /api/mail/setup": { path: undefined; query: undefined; body: undefined; gives: MailSetup };
  "PUT /api/mail/setup": { path: undefined; query: undefined; body: MailSetupBody; gives: MailSetup };
  "POST /api/mail/check": { path: undefined; query: undefined; body: MailCheckBody; gives: MailCheckReport };
  "POST /api/mail/oauth/start": { path: undefined; query: undefined; body: undefined; gives: ConsentBegun };
  "DELETE /api/mail/oauth": { path: undefined; query: undefined; body: undefined; gives: MailSetup };
  "GET /api/mail/variables": { path: undefined; query: undefined; body: undefined; gives: VariableList };
  "GET /api/mail/templates": { path: undefined; query: undefined; body: undefined; gives: TemplateList };
  "POST /api/mail/templates": { path: undefined; query: undefined; body: TemplateBody; gives: MailTemplate };
  "POST /api/mail/templates/preview": { path: undefined; query: undefined; body: PreviewBody; gives: Preview };
  "GET /api/mail/templates/{id}": { path: { id: string }; query: undefined; body: undefined; gives: MailTemplate };
  "PUT /api/mail/templates/{id}": { path: { id: string }; query: undefined; body: TemplateBody; gives: MailTemplate };
  "DELETE /api/mail/templates/{id}": { path: { id: string }; query: undefined; body: undefined; gives: undefined };
  "POST /api/mail/templates/{id}/test": { path: { id: string }; query: undefined; body: TrialBody; gives: Delivery };
  "GET /api/mail/campaigns": { path: undefined; query: undefined; body: undefined; gives: CampaignList };
  "POST /api/mail/campaigns": { path: undefined; query: undefined; body: CampaignBody; gives: Campaign };
  "POST /api/mail/audience": { path: undefined; query: undefined; body: AudienceBody; gives: AudienceView };
  "GET /api/mail/campaigns/{id}": { path: { id: string }; query: undefined; body: undefined; gives: Campaign };
  "PUT /api/mail/campaigns/{id}": { path: { id: string }; query: undefined; body: CampaignBody; gives: Campaign };
  "DELETE /api/mail/campaigns/{id}": { path: { id: string }; query: undefined; body: undefined; gives: undefined };
  "GET /api/mail/campaigns/{id}/audience": { path: { id: string }; query: undefined; body: undefined; gives: AudienceView };
  "POST /api/mail/campaigns/{id}/test": { path: { id: string }; query: undefined; body: TrialBody; gives: Delivery };
  "POST /api/mail/campaigns/{id}/launch": { path: { id: string }; query: undefined; body: LaunchBody; gives: Campaign };
  "POST /api/mail/campaigns/{id}/pause": { path: { id: string }; query: undefined; body: undefined; gives: Campaign };
  "POST /api/mail/campaigns/{id}/resume": { path: { id: string }; query: undefined; body: undefined; gives: Campaign };
  "POST /api/mail/campaigns/{id}/stop": { path: { id: string }; query: undefined; body: undefined; gives: Campaign };
  "GET /api/mail/deliveries": { path: undefined; query: { text?: string; state?: "claimed" | "deferred" | "dropped" | "due" | "refused" | "sending" | "sent" | "uncertain" | null; kind?: "campaign" | "notice" | "test" | null; person?: string | null; campaign?: string | null; limit?: number; after?: string | null }; body: undefined; gives: DeliveryList };
  "GET /api/mail/deliveries/{id}": { path: { id: string }; query: undefined; body: undefined; gives: Delivery };
  "POST /api/mail/deliveries/{id}/resend": { path: { id: string }; query: undefined; body: undefined; gives: Delivery };
  "GET /api/people/{id}/mail": { path: { id: string }; query: undefined; body: undefined; gives: PersonMail };
  "PUT /api/people/{id}/mail": { path: { id: string }; query: undefined; body: PersonMailBody; gives: PersonMail };
  "GET /api/alerts": { path: undefined; query: { limit?: number; after?: string | null }; body: undefined; gives: AlertList };
  "GET /api/alerts/channels": { path: undefined; query: undefined; body: undefined; gives: ChannelList };
  "POST /api/alerts/channels": { path: undefined; query: undefined; body: NewChannel; gives: Channel };
  "PUT /api/alerts/channels/{name}": { path: { name: string }; query: undefined; body: ChannelChange; gives: Channel };
  "DELETE /api/alerts/channels/{name}": { path: { name: string }; query: undefined; body: undefined; gives: undefined };
  "POST /api/alerts/channels/{name}/test": { path: { name: string }; query: undefined; body: undefined; gives: AlertView };
  "GET /api/controls": { path: undefined; query: undefined; body: undefined; gives: Controls };
  "GET /api/applied": { path: undefined; query: undefined; body: undefined; gives: AppliedView };
  "PUT /api/applied": { path: undefined; query: undefined; body: AppliedBody; gives: AppliedView };
  "GET /api/hooks": { path: undefined; query: undefined; body: undefined; gives: HookLists };
  "POST /api/hooks/in": { path: undefined; query: undefined; body: NewHookIn; gives: HookSecret };
  "PUT /api/hooks/in/{name}": { path: { name: string }; query: undefined; body: HookInDetails; gives: HookIn };
  "DELETE /api/hooks/in/{name}": { path: { name: string }; query: undefined; body: undefined; gives: undefined };
  "POST /api/hooks/in/{name}/secret": { path: { name: string }; query: undefined; body: undefined; gives: HookSecret };
  "POST /api/hooks/out": { path: undefined; query: undefined; body: NewHookOut; gives: HookSecret };
  "PUT /api/hooks/out/{name}": { path: { name: string }; query: undefined; body: HookOutDetails; gives: HookOut };
  "DELETE /api/hooks/out/{name}": { path: { name: string }; query: undefined; body: undefined; gives: undefined };
  "POST /api/hooks/out/{name}/secret": { path: { name: string }; query: undefined; body: undefined; gives: HookSecret };
  "POST /api/hooks/out/{name}/test": { path: { name: string }; query: undefined; body: undefined; gives: HookDelivery };
  "GET /api/hooks/deliveries": { path: undefined; query: { text?: string; hook?: string | null; state?: "due" | "failed" | "sent" | null; event?: "failed" | "finished" | "held" | "recovered" | "test" | null; limit?: number; after?: string | null }; body: undefined; gives: HookDeliveryList };
  "POST /api/hooks/deliveries/{id}/resend": { path: { id: string }; query: undefined; body: undefined; gives: HookDelivery };
  "GET /api/backups": { path: undefined; query: undefined; body: undefined; gives: BackupList };
  "POST /api/backups": { path: undefined; query: undefined; body: NewBackup; gives: BackupView };
  "POST /api/backups/file": { path: undefined; query: undefined; body: undefined; gives: BackupView };
  "POST /api/backups/{name}/check": { path: { name: string }; query: undefined; body: undefined; gives: BackupView };
  "GET /api/backups/{name}/file": { path: { name: string }; query: undefined; body: undefined; gives: undefined };
  "POST /api/backups/{name}/restore": { path: { name: string }; query: undefined; body: RestoreBody; gives: Restored };
  "DELETE /api/backups/{name}": { path: { name: string }; query: undefined; body: undefined; gives: undefined };
  "GET /api/users": { path: undefined; query: undefined; body: undefined; gives: UserList };
  "POST /api/users": { path: undefined; query: undefined; body: NewUser; gives: User };
  "PUT /api/users/{name}": { path: { name: string }; query: undefined; body: UserChange; gives: User };
  "DELETE /api/users/{name}": { path: { name: string }; query: undefined; body: undefined; gives: undefined };
  "GET /api/tokens": { path: undefined; query: undefined; body: undefined; gives: TokenList };
  "POST /api/tokens": { path: undefined; query: undefined; body: NewToken; gives: MadeToken };
  "DELETE /api/tokens/{name}": { path: { name: string }; query: undefined; body: undefined; gives: undefined };
  "GET /api/audit": { path: undefined; query: { limit?: number; after?: string | null }; body: undefined; gives: AuditList };
}

// The mail set-up as it stands in a form. Pure.
import type { MailPolicy, MailServer, MailSetup, MailSetupBody } from "../api";

/** How Showrunner is let in at the mail server; "other" is a provider that was set up by other means than the page. */
export type Way = "none" | "password" | "google" | "microsoft" | "other";

export interface SetupDraft {
  way: Way;
  host: string;
  port: number;
  security: MailServer["security"];
  username: string;
  /** Empty: the one that is kept stays. */
  password: string;
  clientId: string;
  /** Empty: the one that is kept stays. */
  clientSecret: string;
  sender: string;
  senderName: string;
  replyTo: string;
  perMinute: number | null;
  perDay: number | null;
  language: string;
  brand: string;
  publicUrl: string;
}

export const USUAL_PORTS: Record<MailServer["security"], number> = { plain: 25, starttls: 587, tls: 465 };

const HOSTS: Partial<Record<Way, string>> = { google: "smtp.gmail.com", microsoft: "smtp.office365.com" };

export const isConsent = (way: Way): way is "google" | "microsoft" | "other" => way !== "none" && way !== "password";

export function draftOf({ policy }: MailSetup): SetupDraft {
  const { server, oauth } = policy;
  return {
    way: wayOf(policy),
    host: server?.host ?? "",
    port: server?.port ?? USUAL_PORTS.starttls,
    security: server?.security ?? "starttls",
    username: server?.username ?? "",
    password: "",
    clientId: oauth?.client_id ?? "",
    clientSecret: "",
    sender: server?.sender ?? "",
    senderName: server?.sender_name ?? "",
    replyTo: server?.reply_to ?? "",
    perMinute: policy.per_minute,
    perDay: policy.per_day,
    language: policy.default_language,
    brand: policy.brand_name,
    publicUrl: policy.public_url,
  };
}

function wayOf({ server, oauth }: MailPolicy): Way {
  if (server?.login !== "oauth") return server?.login ?? "password";
  return typeof oauth?.provider === "string" ? oauth.provider : "other";
}

/** What a well-known provider asks for, or what is usual with this kind of encryption. */
export function withWay(draft: SetupDraft, way: Way): SetupDraft {
  const host = HOSTS[way];
  return host ? { ...draft, way, host, port: USUAL_PORTS.starttls, security: "starttls" } : { ...draft, way };
}

export function withSecurity(draft: SetupDraft, security: MailServer["security"]): SetupDraft {
  const usual = draft.port === USUAL_PORTS[draft.security];
  return { ...draft, security, port: usual ? USUAL_PORTS[security] : draft.port };
}

/** Null: no server is entered, so no mail is sent. */
export function serverOf(draft: SetupDraft): MailServer | null {
  if (!draft.host.trim()) return null;
  return {
    host: draft.host.trim(),
    port: draft.port,
    security: draft.security,
    login: isConsent(draft.way) ? "oauth" : draft.way,
    username: draft.way === "none" ? "" : draft.username.trim(),
    sender: draft.sender.trim(),
    sender_name: draft.senderName.trim(),
    reply_to: draft.replyTo.trim(),
  };
}

export function bodyOf(draft: SetupDraft, former: MailPolicy): MailSetupBody {
  const { way, clientId } = draft;
  const known = way === "google" || way === "microsoft" ? { provider: way, client_id: clientId.trim() } : null;
  return {
    policy: {
      server: serverOf(draft),
      oauth: known ?? (way === "other" && former.oauth ? { ...former.oauth, client_id: clientId.trim() } : former.oauth),
      per_minute: draft.perMinute || null,
      per_day: draft.perDay || null,
      default_language: draft.language,
      brand_name: draft.brand.trim(),
      public_url: draft.publicUrl.trim().replace(/\/+$/, ""),
    },
    ...(draft.password ? { smtp_password: draft.password } : {}),
    ...(draft.clientSecret ? { oauth_client_secret: draft.clientSecret } : {}),
  };
}

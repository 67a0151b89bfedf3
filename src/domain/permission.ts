/** Who may do what. A scope goes into the query; what lies outside it is not found, not counted, not named. */

/** The companies an actor may act on. */
export type Scope = { kind: "all" } | { kind: "companies"; companyIds: number[] } | { kind: "none" };

export type Role = "owner" | "admin" | "auditor";

/** What a command asks of its actor: `send` and `own` change things for others, `read` looks at others, `self` is for everyone linked, `anyone` for any member. */
export type Need = "anyone" | "self" | "read" | "send" | "own";

export type Rights = { linked: boolean; roles: Role[] };

const GIVES: Record<Role, Need[]> = {
  owner: ["read", "send", "own"],
  admin: ["read", "send"],
  auditor: ["read"],
};

export function may(rights: Rights, need: Need): boolean {
  if (need === "anyone") return true;
  if (need === "self") return rights.linked || rights.roles.length > 0;
  return rights.roles.some((role) => GIVES[role].includes(need));
}

export function scopeOf(roles: Role[], authorisedCompanyIds: number[]): Scope {
  if (roles.includes("owner")) return { kind: "all" };
  if (roles.length === 0 || authorisedCompanyIds.length === 0) return { kind: "none" };
  return { kind: "companies", companyIds: authorisedCompanyIds };
}

/** What somebody may do, and on whom. */
export type Powers = { roles: Role[]; scope: Scope };

/**
 * Whether somebody's powers go beyond the actor's. Nobody changes the login address, the roles or the link of such a one: whoever gets the mail of an
 * owner is the owner.
 */
export function goBeyond(them: Powers, actor: Powers): boolean {
  const given = new Set(actor.roles.flatMap((role) => GIVES[role]));
  if (them.roles.some((role) => GIVES[role].some((need) => !given.has(need)))) return true;
  if (them.roles.length === 0 || actor.scope.kind === "all" || them.scope.kind === "none") return false;
  if (them.scope.kind === "all" || actor.scope.kind === "none") return true;
  const { companyIds } = actor.scope;
  return them.scope.companyIds.some((id) => !companyIds.includes(id));
}

export function rolesAmong(words: string[]): Role[] {
  return (["owner", "admin", "auditor"] as const).filter((role) => words.includes(role));
}

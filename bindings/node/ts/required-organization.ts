// The organization that a token must belong to.

import * as rule from './arguments';
import { invalidConfig } from './errors';

/** For `organization`: the token must belong to an organization, whichever it is. */
export const ANY_ORGANIZATION: unique symbol = Symbol.for('stytch-m2m.ANY_ORGANIZATION');

/** The id of an organization, compared exactly, or {@link ANY_ORGANIZATION}. */
export type RequiredOrganization = string | typeof ANY_ORGANIZATION;

/** What a function finds in a request. Nothing is no organization: the request is then refused. */
export type FoundOrganization = RequiredOrganization | null | undefined;

/**
 * Where a guard finds the organization that the token of a request must belong to: a parameter of the route's path, a
 * header, or a function of the request. A route without the parameter is an error of the service (500). A request
 * without the header, or with two of it, is refused (403), and so is one in which the function finds nothing.
 */
export type OrganizationFrom<Request = any> =
  | OrganizationInPath
  | OrganizationInHeader
  | ((request: Request) => FoundOrganization | Promise<FoundOrganization>);

/** A parameter of the route's path. */
export interface OrganizationInPath {
  /** Its name. */
  path: string;
}

/** A header. */
export interface OrganizationInHeader {
  /** Its name, in any case. */
  header: string;
}

/** What no organization is called. */
const NOBODYS = '';

const isFixed = (value: unknown): value is RequiredOrganization =>
  typeof value === 'string' || value === ANY_ORGANIZATION;

function isPlace(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const [[kind, name] = [], ...others] = Object.entries(value);
  return others.length === 0 && (kind === 'path' || kind === 'header') && typeof name === 'string' && name !== '';
}

export const required: rule.Rule = { must: "be an organization's id or ANY_ORGANIZATION", holds: isFixed };
export const ofGuard: rule.Rule = {
  must: "be an organization's id, ANY_ORGANIZATION, { path: name }, { header: name } or a function of the request",
  holds: (value) => isFixed(value) || typeof value === 'function' || isPlace(value),
};

/** Refuses an `organization` that is there and is nothing: it may have been missing by accident. */
export function mustNotBeLost(args: object, taken: { organization?: unknown }): void {
  if (taken.organization !== undefined || !('organization' in args)) return;
  const what = String(args.organization);
  throw invalidConfig(
    'organization',
    `organization is there, and is ${what}: leave it out, or give an organization's id or ANY_ORGANIZATION`,
  );
}

/** As the native module takes it. */
export function toNativeOrganization(organization: RequiredOrganization | undefined) {
  if (organization === undefined) return {};
  return typeof organization === 'string'
    ? { organization, require_organization: true }
    : { require_organization: true };
}

/** What can be checked when a guard is made. */
export function known(from: RequiredOrganization | OrganizationFrom | undefined) {
  return toNativeOrganization(isFixed(from) ? from : undefined);
}

/** A request's parts in which an organization may be. */
export interface Places {
  params: unknown;
  header: (name: string) => string[];
  /** The framework's own request. */
  request: unknown;
}

/** The organization that the token of a request must belong to. */
export async function find(
  from: RequiredOrganization | OrganizationFrom,
  { params, header, request }: Places,
): Promise<RequiredOrganization> {
  if (isFixed(from)) return from;
  if (typeof from === 'function') return (await from(request)) ?? NOBODYS;
  if ('header' in from) {
    const [value, ...others] = header(from.header);
    return value === undefined || others.length > 0 ? NOBODYS : value;
  }
  const members = (params ?? {}) as Readonly<Record<string, unknown>>;
  if (!(from.path in members)) throw new Error(`organization: the path of this route has no parameter ${from.path}`);
  const value = members[from.path];
  return typeof value === 'string' ? value : NOBODYS;
}

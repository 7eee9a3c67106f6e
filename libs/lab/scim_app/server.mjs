// A third-party SCIM 2.0 server as a laboratory peer: SCIMMY answers, this file only stores.
//
//   node server.mjs --modules DIR --token-file FILE [--port N] [--seed FILE.json] [--state FILE.jsonl] [--page N]
//
// Listens on 127.0.0.1 and prints "listening PORT". Every request needs "Authorization: Bearer <token>".
// --seed   {"Users": [...], "Groups": [...]} in SCIM form with ids, loaded when there is no state yet.
// --state  every change is appended before it is answered, and read again at the next start.
// --page   the most resources in one answer (default 100), also when the client asks for no count.
//
// What is SCIMMY's own is left as it is (string booleans refused, case-sensitive userName filters, If-Match ignored, ...).
// What a server must bring itself is done as RFC 7644 asks: startIndex and count (section 3.4.2.4), uniqueness of
// userName and displayName without regard to case, groups of a user, members of a deleted user.
import { createRequire } from "node:module";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    modules: { type: "string" },
    "token-file": { type: "string" },
    port: { type: "string", default: "0" },
    seed: { type: "string" },
    state: { type: "string" },
    page: { type: "string", default: "100" },
  },
});
const load = createRequire(join(resolve(options.modules), "package.json"));
const express = load("express");
const SCIMMY = load("scimmy").default ?? load("scimmy");
const SCIMMYRouters = load("scimmy-routers").default ?? load("scimmy-routers");
const { Types } = SCIMMY;

const token = readFileSync(options["token-file"], "utf8").trim();
const pageMax = Number(options.page);
const stores = { User: new Map(), Group: new Map() };
const taken = { User: new Map(), Group: new Map() }; // unique name in lower case -> id
const uniqueName = { User: "userName", Group: "displayName" };
const groupsOf = new Map(); // user id -> set of group ids
let changes = 0;

const clone = (value) => JSON.parse(JSON.stringify(value)); // SCIMMY hands over objects with accessors
const nameKey = (kind, record) => String(record[uniqueName[kind]]).toLowerCase();

function forget(kind, id) {
  const old = stores[kind].get(id);
  if (!old) return;
  taken[kind].delete(nameKey(kind, old));
  if (kind === "Group") for (const member of old.members ?? []) groupsOf.get(member.value)?.delete(id);
}

function put(kind, record) {
  forget(kind, record.id);
  stores[kind].set(record.id, record);
  taken[kind].set(nameKey(kind, record), record.id);
  if (kind !== "Group") return;
  for (const member of record.members ?? []) {
    if (!groupsOf.has(member.value)) groupsOf.set(member.value, new Set());
    groupsOf.get(member.value).add(record.id);
  }
}

function drop(kind, id) {
  forget(kind, id);
  stores[kind].delete(id);
}

function keep(change) {
  if (options.state) appendFileSync(options.state, JSON.stringify(change) + "\n", { mode: 0o600 });
}

function stamp(record, created) {
  const now = new Date().toISOString();
  changes += 1;
  return { ...record, meta: { created: created ?? now, lastModified: now, version: `W/"${changes}"` } };
}

function start() {
  if (options.state && existsSync(options.state)) {
    const lines = readFileSync(options.state, "utf8").split("\n");
    for (const line of lines) {
      if (line === "") continue;
      const { kind, record, deleted } = JSON.parse(line);
      if (deleted) drop(kind, deleted);
      else put(kind, record);
    }
    changes = lines.length;
    return;
  }
  if (!options.seed) return;
  const seed = JSON.parse(readFileSync(options.seed, "utf8"));
  const lines = [];
  for (const [kind, list] of [["User", seed.Users ?? []], ["Group", seed.Groups ?? []]]) {
    for (const given of list) {
      const record = stamp({ ...given, id: given.id ?? randomUUID() });
      put(kind, record);
      lines.push(JSON.stringify({ kind, record }));
    }
  }
  if (options.state && lines.length) appendFileSync(options.state, lines.join("\n") + "\n", { mode: 0o600 });
}

function shown(kind, record) {
  const out = clone(record);
  if (kind !== "User") return out;
  const groups = [...(groupsOf.get(record.id) ?? [])];
  if (groups.length) {
    out.groups = groups.map((id) => ({ value: id, display: stores.Group.get(id)?.displayName, type: "direct" }));
  }
  return out;
}

// SCIMMY cuts the page out of the whole list but answers the first page when startIndex is beyond the end, and formats
// every resource before it cuts. Where the page starts far enough in, it is cut here and the total handed over.
function page(resource, all) {
  const asked = resource.constraints ?? {};
  const startIndex = asked.startIndex ?? 1;
  const count = Math.min(asked.count ?? pageMax, pageMax);
  resource.constraints = { ...asked, startIndex, count };
  if (asked.sortBy !== undefined && startIndex <= all.length) return all;
  const cut = all.slice(startIndex - 1, startIndex - 1 + count);
  const cutAgain = cut.length >= startIndex && startIndex > 1 && all.length !== cut.length + startIndex - 1;
  if (cutAgain) return all;
  resource.constraints.totalResults = all.length;
  return cut;
}

function declare(Resource, kind) {
  const store = stores[kind];
  const missing = (id) => new Types.Error(404, null, `Resource ${id} not found`);
  SCIMMY.Resources.declare(Resource)
    .ingress(async (resource, data) => {
      const given = clone(data);
      delete given.groups; // read-only: RFC 7643 section 4.1.2
      if (resource.id && !store.has(resource.id)) throw missing(resource.id);
      const holder = taken[kind].get(nameKey(kind, given));
      if (holder !== undefined && holder !== resource.id) {
        throw new Types.Error(409, "uniqueness", `${uniqueName[kind]} is taken`);
      }
      for (const member of kind === "Group" ? (given.members ?? []) : []) {
        if (!stores.User.has(member.value) && !stores.Group.has(member.value)) {
          throw new Types.Error(400, "invalidValue", `Member ${member.value} does not exist`);
        }
      }
      const record = stamp({ ...given, id: resource.id ?? randomUUID() }, store.get(resource.id)?.meta.created);
      put(kind, record);
      keep({ kind, record });
      return shown(kind, record);
    })
    .egress(async (resource) => {
      if (resource.id) {
        if (!store.has(resource.id)) throw missing(resource.id);
        return shown(kind, store.get(resource.id));
      }
      if (resource.filter) return page(resource, resource.filter.match([...store.values()].map((r) => shown(kind, r))));
      return page(resource, [...store.values()]).map((record) => shown(kind, record));
    })
    .degress(async (resource) => {
      const id = resource.id;
      if (!store.has(id)) throw missing(id);
      if (kind === "User") {
        for (const group of [...(groupsOf.get(id) ?? [])]) {
          const old = stores.Group.get(group);
          const record = stamp({ ...old, members: old.members.filter((m) => m.value !== id) }, old.meta.created);
          put("Group", record);
          keep({ kind: "Group", record });
        }
        groupsOf.delete(id);
      }
      drop(kind, id);
      keep({ kind, deleted: id });
    });
}

SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
declare(SCIMMY.Resources.User, "User");
declare(SCIMMY.Resources.Group, "Group");
const bulk = { supported: true, maxOperations: 1000, maxPayloadSize: 4194304 };
const config = { patch: true, filter: { supported: true, maxResults: pageMax }, sort: true, changePassword: false, etag: true, bulk };
SCIMMY.Config.set(config);
start();

const app = express();
app.disable("x-powered-by");
// Express 5 parses the query anew at every look, so that what a router writes into it is lost; hold one copy.
app.use((req, res, next) => {
  const query = { ...req.query };
  for (const name of ["startIndex", "count"]) {
    if (typeof query[name] !== "string") continue;
    if (!/^-?\d{1,9}$/.test(query[name])) {
      res.status(400).type("application/scim+json");
      return res.send(new SCIMMY.Messages.Error({ status: 400, scimType: "invalidValue", message: `${name} must be an integer` }));
    }
    query[name] = Number(query[name]);
  }
  Object.defineProperty(req, "query", { value: query, writable: true, configurable: true });
  next();
});
const handler = (req) => {
  if (req.header("Authorization") !== `Bearer ${token}`) throw new Error("wrong or missing bearer token");
  return "client";
};
const baseUri = (req) => `http://${req.header("Host")}`;
app.use("/scim/v2", new SCIMMYRouters({ type: "bearer", handler, baseUri }));
SCIMMY.Config.set(config);

const server = app.listen(Number(options.port), "127.0.0.1", (error) => {
  if (error) throw error;
  console.log(`listening ${server.address().port}`);
});
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});

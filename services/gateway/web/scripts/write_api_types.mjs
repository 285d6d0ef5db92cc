// Writes src/lib/api/schema.ts from the OpenAPI document. With --check: fails when the two have drifted apart.
import { readFileSync, writeFileSync } from "node:fs";

const DOCUMENT = new URL("../../../../docs/contracts/openapi.json", import.meta.url);
const OUTPUT = new URL("../src/lib/api/schema.ts", import.meta.url);

const key = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));
const nameOf = (reference) => reference.split("/").at(-1);

function type(schema) {
  if (schema.$ref) return nameOf(schema.$ref);
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map(type))].join(" | ");
  switch (schema.type) {
    case "string": return "string";
    case "integer":
    case "number": return "number";
    case "boolean": return "boolean";
    case "null": return "null";
    case "array": return schema.prefixItems ? `[${schema.prefixItems.map(type).join(", ")}]` : `readonly (${schema.items ? type(schema.items) : "unknown"})[]`;
    case "object": return schema.properties ? fields(schema) : `Record<string, ${schema.additionalProperties ? type(schema.additionalProperties) : "unknown"}>`;
    default: return "unknown";
  }
}

function fields(schema) {
  const required = new Set(schema.required ?? []);
  const lines = Object.entries(schema.properties).map(
    ([name, value]) => `  readonly ${key(name)}${required.has(name) ? "" : "?"}: ${type(value)};`,
  );
  return `{\n${lines.join("\n")}\n}`;
}

// Fields of answers are always there; what may be left out of a request has a default.
function component(name, schema, answered) {
  if (!schema.properties) return `export type ${name} = ${type(schema)};`;
  const all = answered.has(name) ? { ...schema, required: Object.keys(schema.properties) } : schema;
  return `export interface ${name} ${fields(all)}`;
}

const given = (parameters, place) => {
  const found = (parameters ?? []).filter((parameter) => parameter.in === place);
  if (!found.length) return "undefined";
  return `{ ${found.map((p) => `${key(p.name)}${p.required ? "" : "?"}: ${type(p.schema)}`).join("; ")} }`;
};

function operation(method, path, call) {
  const body = call.requestBody?.content?.["application/json"]?.schema;
  const [, good] = Object.entries(call.responses).find(([status]) => status.startsWith("2"));
  const answer = good.content?.["application/json"]?.schema;
  return `  "${method.toUpperCase()} ${path}": { path: ${given(call.parameters, "path")}; query: ${given(call.parameters, "query")}; body: ${body ? type(body) : "undefined"}; gives: ${answer ? type(answer) : "undefined"} };`;
}

function reachable(document) {
  const found = new Set();
  const visit = (value) => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!value || typeof value !== "object") return;
    if (value.$ref && !found.has(nameOf(value.$ref))) {
      found.add(nameOf(value.$ref));
      visit(document.components.schemas[nameOf(value.$ref)]);
    }
    Object.values(value).forEach(visit);
  };
  for (const calls of Object.values(document.paths)) for (const call of Object.values(calls)) visit(call.responses);
  return found;
}

function source(document) {
  const answered = reachable(document);
  const types = Object.entries(document.components.schemas).map(([name, schema]) => component(name, schema, answered));
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, call]) => operation(method, path, call)),
  );
  return `// Made from docs/contracts/openapi.json by \`npm run types\`.\n\n${types.join("\n\n")}\n\nexport interface Calls {\n${calls.join("\n")}\n}\n`;
}

const wanted = source(JSON.parse(readFileSync(DOCUMENT, "utf8")));
if (!process.argv.includes("--check")) writeFileSync(OUTPUT, wanted);
else if (readFileSync(OUTPUT, "utf8") !== wanted) {
  console.error("src/lib/api/schema.ts does not follow docs/contracts/openapi.json: run `npm run types`.");
  process.exit(1);
}

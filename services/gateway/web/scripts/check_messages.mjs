// Fails when a language lacks a message, has one too many, or fills other places than English does.
import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../src/messages/", import.meta.url);
const read = (file) => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8"));
const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort().join();

const english = read("en.json");
const complaints = [];
for (const file of readdirSync(FOLDER).filter((file) => file !== "en.json")) {
  const other = read(file);
  for (const [key, text] of Object.entries(english)) {
    if (!(key in other)) complaints.push(`${file} lacks ${key}`);
    // A singular may leave its number out.
    else if (!key.endsWith(".one") && places(other[key]) !== places(text)) complaints.push(`${file}: ${key} fills {${places(other[key])}}, English {${places(text)}}`);
  }
  for (const key of Object.keys(other)) if (!(key in english)) complaints.push(`${file} has ${key}, English has not`);
}
if (complaints.length) {
  console.error(complaints.join("\n"));
  process.exit(1);
}

// A SCIM service provider that lies: it stands before a real one and hides the second half of every list, while the
// total it names, and every page it is asked for, look as if all were there. Arguments: the real base URL, a file for
// its own port.
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";

const [upstream, portFile] = process.argv.slice(2);

const server = createServer(async (request, response) => {
  const body = [];
  for await (const chunk of request) body.push(chunk);
  const answer = await fetch(upstream + request.url.replace(/^\/scim\/v2/, ""), {
    method: request.method,
    headers: { authorization: request.headers.authorization ?? "", "content-type": "application/scim+json" },
    body: body.length ? Buffer.concat(body) : undefined,
  });
  let text = await answer.text();
  const list = text.startsWith("{") ? JSON.parse(text) : {};
  if (Array.isArray(list.Resources) && list.totalResults > 1) {
    const half = Math.floor(list.totalResults / 2);
    const first = list.startIndex ?? 1;
    list.Resources = list.Resources.slice(0, Math.max(0, half - first + 1));
    list.itemsPerPage = list.Resources.length;
    text = JSON.stringify(list);
  }
  response.writeHead(answer.status, { "content-type": "application/scim+json" });
  response.end(text);
});
server.listen(0, "127.0.0.1", () => writeFileSync(portFile, String(server.address().port)));

/** What a person sees who opens the server's address. Names no versions: strangers needn't know them. */
export function statusPage(serverName: string): string {
  const name = escapeHtml(serverName);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${name}: Myelin is running</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;color:#222;background:#fff}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}a{color:#8cf}}</style></head>
<body><h1>It works: Myelin is running</h1>
<p>This is the Matrix homeserver of <strong>${name}</strong>.</p>
<p>To use it you need a Matrix client: choose one at <a href="https://matrix.org/ecosystem/clients/">matrix.org</a> and give
<strong>${name}</strong> as your homeserver.</p></body></html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

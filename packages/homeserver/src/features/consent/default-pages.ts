import { compileTemplate } from '../../templates/index.ts';

const style = `<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;color:#222;background:#fff}
button{font:inherit;padding:.4rem 1.2rem}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}}</style>`;

const head = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ policy_name }}: {{ server_name }}</title>${style}</head>`;

/** What is shown where `template_dir` has no page of its own. */
export const defaultPages = {
  terms: compileTemplate(`${head}
<body><h1>{{ policy_name }}</h1>
<p>This is the Matrix homeserver of <strong>{{ server_name }}</strong>. To give you an account it keeps your user name, your
devices and the addresses they call from, your settings, and the messages and files that you send.</p>
<p>What you send to a room goes to everybody in it, and to their servers. Taking it back asks them to delete it, but can't
make sure that they do.</p>
<p>For anything more ask whoever runs this server.</p>
{% if not public_version %}
{% if has_consented %}<p>You have agreed to these terms. Thank you.</p>
{% else %}<form method="post" action="consent">
<input type="hidden" name="v" value="{{ version }}">
<input type="hidden" name="u" value="{{ user }}">
<input type="hidden" name="h" value="{{ userhmac }}">
<button type="submit">I agree</button>
</form>{% endif %}
{% endif %}</body></html>
`),
  success: compileTemplate(`${head}
<body><h1>Thank you</h1><p>You have agreed to the terms of {{ server_name }}. You can close this page and go on in your
client.</p></body></html>
`),
};

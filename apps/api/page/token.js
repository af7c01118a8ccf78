/** The token that the page calls the API with. It lives as long as the tab, and never stays in the address. */

const KEY = 'token';

/** Takes the token from `#token=…` into the tab's storage, and out of the address bar and the history. */
export function takeTokenFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return false;
  rememberToken(token);
  history.replaceState(null, '', location.pathname + location.search);
  return true;
}

export const readToken = () => sessionStorage.getItem(KEY) ?? '';

export function rememberToken(token) {
  sessionStorage.setItem(KEY, token.trim());
}

/** Who the token says it is and until when, for people to read; whether that is true only the API can tell. */
export function describeToken(token) {
  if (token === '') return 'Paste the token that the start command printed.';
  try {
    const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    const { sub, exp } = JSON.parse(
      new TextDecoder().decode(Uint8Array.from(atob(payload), (c) => c.charCodeAt(0))),
    );
    const end = new Date(exp * 1000);
    return end < new Date() ? `${sub}, expired` : `${sub}, until ${end.toLocaleString()}`;
  } catch {
    return 'This does not look like a token.';
  }
}

import { relative } from 'node:path';

export type Ready = {
  /** Of the launcher. */
  pid: number;
  /** Without a slash at its end. */
  url: string;
  /** There is no page in production. */
  page: boolean;
  /** Absent where only somebody else can sign one. */
  token?: string | undefined;
  /** The embedded S3, and the origins whose pages may upload. */
  s3?: { endpoint: string; region: string; bucket: string; origins: string[] } | undefined;
  /** Folders that hold what the embedded services keep. */
  data: string[];
  /** Folder; absent where logs go to standard output. */
  logs?: string | undefined;
};

/** What a person needs once everything runs. */
export function readyBlock({ pid, url, page, token, data, logs }: Ready, seconds: number): string {
  const pageUrl = token ? `${url}/#token=${token}` : `${url}/`;
  const folders = data.map(asTyped);
  const rows: [name: string, value: string | undefined | false][] = [
    ['Page', page && pageUrl],
    ['API', `${url}/api`],
    ['Docs', `${url}/docs`],
    ['Token', token],
    ['', token && 'valid for a day; for another: npx -y pnpm --silent run token --sub NAME'],
    ['Data', folders.join(' and ')],
    ['Logs', logs && asTyped(logs)],
    ['Stop', `Ctrl-C, or kill ${pid}`],
    ['Reset', folders.length > 0 && `stop, then rm -rf ${folders.join(' ')}`],
  ];
  const lines = rows.filter(([, value]) => value).map(([name, value]) => `  ${name.padEnd(7)}${value}`);
  return ['', `Ready after ${seconds.toFixed(1)} s`, '', ...lines, ''].join('\n');
}

/** A path as one would type it here. */
function asTyped(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') ? path : fromHere;
}

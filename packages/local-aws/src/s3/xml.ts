import { XMLParser } from 'fast-xml-parser';
import { malformedXml } from '../errors.ts';

/** Elements that may stand once or often: always an array, so that one reads like many. */
const REPEATED = new Set([
  'AllowedHeader',
  'AllowedMethod',
  'AllowedOrigin',
  'CORSRule',
  'Event',
  'ExposeHeader',
  'FilterRule',
  'Object',
  'Part',
  'QueueConfiguration',
  'Rule',
]);

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  // A key may begin or end with a space.
  trimValues: false,
  isArray: (name) => REPEATED.has(name),
});

/** An element's children by name; text where it has none. */
export type XmlValue = string | undefined | XmlElement | XmlValue[];
export type XmlElement = { [name: string]: XmlValue };

/**
 * The root element of a document.
 * @throws {AwsError} MalformedXML, also if the root is another
 */
export function parseXml(text: string, root: string): XmlElement {
  let document: XmlElement;
  try {
    document = parser.parse(text, true) as XmlElement;
  } catch {
    throw malformedXml();
  }
  return asElement(document[root]);
}

/** An element without children reads as text; blanks between the children of one read as text beside them. */
function asElement(value: XmlValue): XmlElement {
  if (typeof value === 'string' && value.trim() === '') return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw malformedXml();
  const { '#text': _blanks, ...element } = value;
  return element;
}

/** The elements of this name, in order; none where there is none. */
export function children(element: XmlElement, name: string): XmlElement[] {
  const value = element[name];
  return (value === undefined ? [] : [value].flat()).map(asElement);
}

/** The texts of the elements of this name, in order. */
export function texts(element: XmlElement, name: string): string[] {
  const value = element[name];
  return (value === undefined ? [] : [value].flat()).map((child) => {
    if (typeof child !== 'string') throw malformedXml();
    return child;
  });
}

/** The text of an element that may stand once. */
export function text(element: XmlElement, name: string): string | undefined {
  const [first, second] = texts(element, name);
  if (second !== undefined) throw malformedXml();
  return first;
}

/** What an element of an answer holds: a text, or children in the order given; undefined leaves it out. */
export type Answer = string | number | boolean | undefined | Answer[] | { [name: string]: Answer };

export const XMLNS = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A document of S3. An array stands for the element repeated. */
export const buildXml = (root: string, content: Answer, namespace: string | undefined = XMLNS): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, content, namespace ? ` xmlns="${namespace}"` : '')}`;

function element(name: string, content: Answer, attributes = ''): string {
  if (content === undefined) return '';
  if (Array.isArray(content)) return content.map((item) => element(name, item)).join('');
  const inner =
    typeof content === 'object'
      ? Object.entries(content)
          .map(([child, value]) => element(child, value))
          .join('')
      : escapeText(String(content));
  return `<${name}${attributes}>${inner}</${name}>`;
}

const escapeText = (value: string): string =>
  value.replace(
    // Control characters are no XML 1.0; S3 writes them as references all the same.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[&<>"\u0000-\u0008\u000b-\u001f]/g,
    (character) => NAMED[character] ?? `&#x${character.charCodeAt(0).toString(16)};`,
  );

const NAMED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

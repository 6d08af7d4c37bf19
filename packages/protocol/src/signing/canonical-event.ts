import { hash } from 'node:crypto';
import { canonicalJson, canonicalKey, sortKeys } from '../json/canonical.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import { membersKeptByRedaction, redactContent } from '../redaction/redact.ts';
import type { RoomVersion } from '../room-versions.ts';

/**
 * The canonical texts of an event, from which its hashes, its signatures and its stored form are made. Each top-level
 * member is printed once and shared by all of them. The event must have a type and an object as content. Methods throw
 * CanonicalJsonError where the event has no canonical form in its room version.
 */
export class CanonicalEvent {
  readonly #event: JsonObject;
  readonly #version: RoomVersion;
  readonly #keys: readonly string[];
  /** `"key":value`, in the order of `#keys`. */
  readonly #members: readonly string[];
  #redactedContent: string | undefined;
  #signable: string | undefined;
  #withoutUnsigned: string | undefined;

  private constructor(event: JsonObject, version: RoomVersion, keys: readonly string[], members: readonly string[]) {
    this.#event = event;
    this.#version = version;
    this.#keys = keys;
    this.#members = members;
  }

  static of(event: JsonObject, version: RoomVersion): CanonicalEvent {
    const keys = sortKeys(Object.keys(event));
    const members = keys.map((key) => printMember(key, event[key] as JsonValue, version));
    return new CanonicalEvent(event, version, keys, members);
  }

  /** The event with a member set; the others aren't printed again. Not for type and content. */
  with(key: 'hashes' | 'signatures', value: JsonObject): CanonicalEvent {
    const present = this.#keys.indexOf(key);
    let at = present;
    if (present === -1) {
      at = this.#keys.findIndex((other) => other > key);
      if (at === -1) at = this.#keys.length;
    }
    const replaced = present === -1 ? 0 : 1;
    const event = new CanonicalEvent(
      { ...this.#event, [key]: value },
      this.#version,
      this.#keys.toSpliced(at, replaced, key),
      this.#members.toSpliced(at, replaced, printMember(key, value, this.#version)),
    );
    event.#redactedContent = this.#redactedContent;
    return event;
  }

  get event(): JsonObject {
    return this.#event;
  }

  /** The whole event. */
  text(): string {
    return this.#join(() => true);
  }

  /** The event without `unsigned`, which is neither hashed nor signed: what servers keep and send on. */
  textWithoutUnsigned(): string {
    this.#withoutUnsigned ??= this.#join((key) => key !== 'unsigned');
    return this.#withoutUnsigned;
  }

  /** What the content hash covers (Server-Server API, "Calculating the content hash for an event"). */
  hashableText(): string {
    return this.#join((key) => key !== 'hashes' && key !== 'signatures' && key !== 'unsigned');
  }

  /** The redacted event without signatures: what is signed and what the reference hash covers. */
  signableText(): string {
    const kept = membersKeptByRedaction(this.#version);
    this.#signable ??= this.#join((key) => key !== 'signatures' && kept.has(key), true);
    return this.#signable;
  }

  /** Standard unpadded base64. */
  contentHash(): string {
    return sha256(this.hashableText());
  }

  /** Standard unpadded base64 (Server-Server API, "Calculating the reference hash for an event"). */
  referenceHash(): string {
    return sha256(this.signableText());
  }

  #join(takes: (key: string) => boolean, redacted = false): string {
    let text = '';
    for (let i = 0; i < this.#keys.length; i++) {
      const key = this.#keys[i] as string;
      if (!takes(key)) continue;
      if (text !== '') text += ',';
      text += redacted && key === 'content' ? this.#redacted(i) : (this.#members[i] as string);
    }
    return `{${text}}`;
  }

  #redacted(index: number): string {
    if (this.#redactedContent === undefined) {
      const content = this.#event['content'] as JsonValue;
      const redacted = redactContent(this.#event['type'] as string, content, this.#version);
      this.#redactedContent =
        redacted === content ? (this.#members[index] as string) : printMember('content', redacted, this.#version);
    }
    return this.#redactedContent;
  }
}

function printMember(key: string, value: JsonValue, version: RoomVersion): string {
  return canonicalKey(key) + canonicalJson(value, version.strictCanonicalJson ? 'strict' : 'lenient');
}

function sha256(text: string): string {
  // 32 bytes are 43 digits and one sign of padding.
  return hash('sha256', text, 'base64').slice(0, 43);
}

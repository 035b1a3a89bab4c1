/** What happened to one socket of the client, as its thread saw it. */
export type Note = NoteHead &
  (
    | { readonly type: 'dialled'; readonly url: string }
    | { readonly type: 'opened' }
    /** A frame of ticks. `whole` counts its packets before the cut. */
    | { readonly type: 'frame'; readonly packets: number; readonly whole: number }
    | { readonly type: 'heartbeat' }
    | { readonly type: 'text'; readonly text: string }
    /** The client has sent this request. */
    | { readonly type: 'sent'; readonly text: string }
    /** The client closed it, saw its end, or lost its thread. */
    | { readonly type: 'left' }
  );

/** Which socket, and when. */
interface NoteHead {
  /** The name that it gives in its handshake. */
  readonly socket: string;
  /** See `sharedMs()`. */
  readonly at: number;
  /** Unix milliseconds: the client's own timestamp. */
  readonly wall: number;
}

type Unlocated<N> = N extends Note ? Omit<N, keyof NoteHead> : never;

/** A note without its socket and time. */
export type NoteBody = Unlocated<Note>;

/** The notes of sockets dialled with one of a program's own API keys. */
export function notesOf(notes: readonly Note[], isOwn: (apiKey: string) => boolean): readonly Note[] {
  const own = new Set<string>();
  for (const note of notes)
    if (note.type === 'dialled' && isOwn(new URL(note.url).searchParams.get('api_key') ?? ''))
      own.add(note.socket);
  return notes.filter(({ socket }) => own.has(socket));
}

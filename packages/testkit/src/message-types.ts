interface Typed {
  readonly type: string;
}

/** The messages of one type, in order. */
export function ofType<Message extends Typed, Type extends Message['type']>(
  messages: readonly Message[],
  type: Type,
): Extract<Message, { type: Type }>[] {
  return messages.filter((message): message is Extract<Message, { type: Type }> => message.type === type);
}

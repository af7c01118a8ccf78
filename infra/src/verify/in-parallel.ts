/** The answers of `run` for each item, in their order, with at most `limit` running at a time. */
export async function inParallel<Item, Answer>(
  limit: number,
  items: Item[],
  run: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers = new Array<Answer>(items.length);
  const waiting = items.entries();
  // Each takes the next item when it is done with its last, from the one iterator that they share.
  const runner = async () => {
    for (const [index, item] of waiting) answers[index] = await run(item);
  };
  await Promise.all(Array.from({ length: limit }, runner));
  return answers;
}

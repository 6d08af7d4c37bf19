/** What another server answered isn't what it has to be: another server may do better. */
export class BadAnswer extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadAnswer';
  }
}

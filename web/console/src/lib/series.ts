// Numbers over time for small charts.

const minute_ms = 60_000;

/** How much a number that only grows has grown in the last minute. */
export class Rate {
  private steps: Array<{ at: number; by: number }> = [];
  private total = 0;

  /** The number is `total` since `at`. */
  reached(total: number, at: number): void {
    const by = total - this.total;
    this.total = total;
    if (by > 0) this.steps.push({ at, by });
    this.forget(at);
  }
  perMinute(at: number): number {
    this.forget(at);
    return this.steps.reduce((sum, step) => sum + step.by, 0);
  }
  private forget(at: number): void {
    const first = this.steps.findIndex((step) => step.at > at - minute_ms);
    this.steps.splice(0, first < 0 ? this.steps.length : first);
  }
}

/** The last `most` values of each of some numbers. */
export class Series {
  values: Readonly<Record<string, readonly number[]>> = {};
  constructor(private readonly most: number) {}

  add(name: string, value: number): void {
    this.values = { ...this.values, [name]: [...(this.values[name] ?? []), value].slice(-this.most) };
  }
}

// The snooze presets, in the user's own time: later today, tomorrow, next week.

export interface SnoozePreset { key: "later" | "tomorrow" | "next_week"; until: number }

const morning_hour = 9;

export function snoozePresets(now: number): SnoozePreset[] {
  const in_hours = (hours: number): number => {
    const later = new Date(now + hours * 3_600_000);
    return later.setMinutes(later.getMinutes() >= 30 ? 60 : 0, 0, 0);
  };
  const is_today = (at: number): boolean => new Date(at).getDate() === new Date(now).getDate();
  const morning = (days: number): number => {
    const day = new Date(now);
    day.setDate(day.getDate() + days);
    day.setHours(morning_hour, 0, 0, 0);
    return day.getTime();
  };
  const to_monday = (8 - new Date(now).getDay()) % 7 || 7;
  const presets: SnoozePreset[] = [
    { key: "later", until: is_today(in_hours(3)) ? in_hours(3) : in_hours(1) },
    { key: "tomorrow", until: morning(1) },
    { key: "next_week", until: morning(to_monday) },
  ];
  // Late in the evening "later today" would be tomorrow.
  return presets.filter((preset) => preset.key !== "later" || is_today(preset.until));
}

/** The value of a `datetime-local` input for a moment. */
export function toLocalInput(at: number): string {
  const d = new Date(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

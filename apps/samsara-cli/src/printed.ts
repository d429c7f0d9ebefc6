/** `5,400`, in English wherever this runs. */
export function printed(value: number): string {
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 }).format(value)
}

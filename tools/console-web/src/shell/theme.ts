export type Theme = 'light' | 'dark';
const KEY = 'nx-assets-theme';

const system = (): Theme => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');

/** What somebody chose here, or what the system prefers. */
export const currentTheme = (): Theme => (localStorage.getItem(KEY) as Theme | null) ?? system();

export function applyTheme(theme: Theme = currentTheme()): void {
  document.documentElement.dataset['theme'] = theme;
}

export function chooseTheme(theme: Theme): void {
  if (theme === system()) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  applyTheme(theme);
}

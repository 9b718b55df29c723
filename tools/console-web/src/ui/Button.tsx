import type { ButtonHTMLAttributes, ReactNode } from 'react';
import styles from './Button.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'plain' | 'main' | 'quiet' | 'danger';
  readonly icon?: ReactNode;
  readonly small?: boolean;
}

export function Button({
  look = 'plain',
  icon,
  small = false,
  children,
  className = '',
  ...rest
}: ButtonProps) {
  const looks = [styles.button, styles[look], small ? styles.small : '', className];
  return (
    <button type="button" className={looks.join(' ')} {...rest}>
      {icon}
      {children}
    </button>
  );
}

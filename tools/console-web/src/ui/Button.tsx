import type { ButtonHTMLAttributes, ReactNode } from 'react';
import styles from './Button.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly variant?: 'plain' | 'main' | 'quiet' | 'danger';
  readonly icon?: ReactNode;
  readonly small?: boolean;
}

export function Button({
  variant = 'plain',
  icon,
  small = false,
  children,
  className = '',
  ...rest
}: ButtonProps) {
  const classes = [styles.button, styles[variant], small ? styles.small : '', className];
  return (
    <button type="button" className={classes.join(' ')} {...rest}>
      {icon}
      {children}
    </button>
  );
}

/** A state of data that can be compared, as it is called and in words. */
export interface State {
  readonly id: string;
  readonly words: string;
}

interface StateSelectProps {
  readonly label: string;
  readonly states: readonly State[];
  readonly value: string;
  readonly onChange: (id: string) => void;
}

export function StateSelect({ label, states, value, onChange }: StateSelectProps) {
  return (
    <label>
      {label}{' '}
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {states.every(({ id }) => id !== value) && <option value={value}>{value}</option>}
        {states.map(({ id, words }) => (
          <option key={id} value={id}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

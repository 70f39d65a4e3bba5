import { memo, type CSSProperties, type ReactNode } from "react";
import { LONGEST, pieces, type Look } from "./ansi.ts";
import { readLine } from "./command.ts";

export interface RowProps {
  readonly line: number;
  readonly text: string | undefined;
  readonly time: number | undefined;
  readonly selected: boolean;
  /** The search text in lower case; empty without a search. */
  readonly seek: string;
  readonly found: boolean;
  /** The line is an error, by its text or by its command. */
  readonly failed: boolean;
  readonly showTime: boolean;
  /** For a group heading: whether its lines are hidden. */
  readonly folded: boolean;
  readonly onFold: (line: number) => void;
}

/** One line of a log. It re-renders only when its own props change. */
export const LogRow = memo(function LogRow(props: RowProps) {
  const { line, text, time, selected, found, failed, showTime } = props;
  const read = text === undefined ? undefined : readLine(text);
  return (
    <div
      className="log-row"
      data-kind={read?.kind}
      data-selected={selected || undefined}
      data-found={found || undefined}
      data-failed={failed || undefined}
    >
      <span className="log-number" data-line={line} />
      {showTime && <span className="log-time">{time === undefined ? "" : clock(time)}</span>}
      <span className="log-text">
        {read ? (
          <Content {...props} kind={read.kind} content={read.text} place={read.place} />
        ) : (
          <span className="log-missing" />
        )}
      </span>
    </div>
  );
});

const words = { error: "error", warning: "warning", notice: "notice" } as const;

function Content({
  kind,
  content,
  place,
  folded,
  line,
  onFold,
  seek,
}: RowProps & { kind: string; content: string; place: string | undefined }) {
  const cut = content.length > LONGEST;
  const shown = cut ? content.slice(0, LONGEST) : content;
  const body = (
    <>
      {pieces(shown).map((piece) => (
        <span key={piece.at} className={classOf(piece.look)} style={styleOf(piece.look)}>
          {highlight(piece.text, seek)}
        </span>
      ))}
      {cut && (
        <span className="log-cut">
          {" "}
          … {(content.length - LONGEST).toLocaleString("en")} more characters, in the download
        </span>
      )}
    </>
  );
  if (kind === "group") {
    return (
      <button type="button" className="log-group" aria-expanded={!folded} onClick={() => onFold(line)}>
        <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
          <path d={folded ? "M3 1l4 4-4 4" : "M1 3l4 4 4-4"} fill="none" stroke="currentColor" strokeWidth="1.6" />
        </svg>
        {body}
      </button>
    );
  }
  if (kind === "endgroup") return null;
  if (kind === "error" || kind === "warning" || kind === "notice") {
    return (
      <>
        <b className="log-word">{words[kind]}</b>
        {place !== undefined && <span className="log-place">{place}</span>}
        {body}
      </>
    );
  }
  return body;
}

function highlight(text: string, seek: string): ReactNode {
  if (seek === "") return text;
  const lower = text.toLowerCase();
  const parts: ReactNode[] = [];
  let from = 0;
  for (let at = lower.indexOf(seek); at >= 0 && parts.length < 200; at = lower.indexOf(seek, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + seek.length)}</mark>);
    from = at + seek.length;
  }
  return parts.length === 0 ? text : [...parts, text.slice(from)];
}

const flags = ["bold", "dim", "italic", "underline", "strike", "inverse"] as const;

function classOf(look: Look): string | undefined {
  const names: string[] = flags.filter((flag) => look[flag]).map((flag) => `ansi-${flag}`);
  if (look.color !== undefined) names.push(typeof look.color === "number" ? `ansi-${look.color}` : "ansi-rgb");
  if (look.background !== undefined)
    names.push(typeof look.background === "number" ? `ansi-on-${look.background}` : "ansi-on-rgb");
  return names.length === 0 ? undefined : names.join(" ");
}

function styleOf(look: Look): CSSProperties | undefined {
  const style: Record<string, string> = {};
  if (typeof look.color === "string") style["--rgb"] = look.color;
  if (typeof look.background === "string") style["--on-rgb"] = look.background;
  return Object.keys(style).length === 0 ? undefined : style;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function clock(time: number): string {
  const date = new Date(time);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

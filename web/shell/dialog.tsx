import { useLayoutEffect, useRef, type ReactNode } from "react";

/** A modal dialog of the browser's own: it keeps the focus inside, closes on Escape and outside, and gives the focus back. */
export function Dialog({
  label,
  onClose,
  className = "",
  children,
}: {
  label: string;
  onClose: () => void;
  className?: string;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Closed before it leaves the document: an element that is gone gives no focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    // The backdrop belongs to the dialog; the keyboard's way out is Escape, which the browser handles.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      className={`m-auto max-h-[calc(100dvh-32px)] w-[calc(100vw-32px)] rounded-lg border border-edge p-0 shadow-xl ${className}`}
    >
      {children}
    </dialog>
  );
}

import { excessOf, reportLimits, shortened, type Annotation, type JobReport } from "../model/index.ts";
import type { Masker } from "../masking/index.ts";

/**
 * A report ready to leave the job: every secret masked, and no longer than a server accepts. One that it can never
 * accept would be sent again and again, and the job would not end.
 */
export function presentable(entry: JobReport, masker: Masker): JobReport {
  const masked = maskReport(entry, masker);
  switch (masked.type) {
    case "step.added":
      return { ...masked, id: name(masked.id), name: name(masked.name) };
    case "step.started":
      return { ...masked, name: name(masked.name) };
    case "annotation":
      return { ...masked, annotation: shortAnnotation(masked.annotation) };
    case "job.finished": {
      const excess = excessOf(masked.outputs, reportLimits.outputs);
      return excess === undefined ? reasoned(masked) : { ...masked, status: "failure", outputs: {}, reason: excess };
    }
    case "step.finished":
      return reasoned(masked);
    case "summary":
      return masked;
  }
}

function name(text: string): string {
  return shortened(text, reportLimits.name);
}

function reasoned<T extends { readonly reason?: string | undefined }>(entry: T): T {
  return entry.reason === undefined ? entry : { ...entry, reason: shortened(entry.reason, reportLimits.message) };
}

function shortAnnotation(annotation: Annotation): Annotation {
  const { message, title, file } = annotation;
  return {
    ...annotation,
    message: shortened(message, reportLimits.message),
    ...(title === undefined ? {} : { title: name(title) }),
    ...(file === undefined ? {} : { file: name(file) }),
  };
}

/** A report with every secret in it masked. */
function maskReport(entry: JobReport, masker: Masker): JobReport {
  switch (entry.type) {
    case "step.added":
      return { ...entry, id: masker.mask(entry.id), name: masker.mask(entry.name) };
    case "step.started":
      return { ...entry, name: masker.mask(entry.name) };
    case "step.finished":
      return entry.reason === undefined ? entry : { ...entry, reason: masker.mask(entry.reason) };
    case "annotation":
      return { ...entry, annotation: maskAnnotation(entry.annotation, masker) };
    case "summary":
      return { ...entry, markdown: masker.mask(entry.markdown) };
    case "job.finished":
      return {
        ...entry,
        // Values that contain a secret were dropped before: a masked one would be wrong rather than missing.
        outputs: Object.fromEntries(
          Object.entries(entry.outputs).map(([name, value]) => [masker.mask(name), masker.mask(value)]),
        ),
        ...(entry.reason === undefined ? {} : { reason: masker.mask(entry.reason) }),
      };
  }
}

function maskAnnotation(annotation: Annotation, masker: Masker): Annotation {
  const { message, title, file } = annotation;
  return {
    ...annotation,
    message: masker.mask(message),
    ...(title === undefined ? {} : { title: masker.mask(title) }),
    ...(file === undefined ? {} : { file: masker.mask(file) }),
  };
}

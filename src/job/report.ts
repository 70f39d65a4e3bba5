import type { Annotation, JobReport } from "../model/index.ts";
import type { Masker } from "../secret/index.ts";

/** A report with every secret in it masked. */
export function maskReport(entry: JobReport, masker: Masker): JobReport {
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
        // Values that hold a secret were left out before: a masked one would be wrong rather than missing.
        outputs: Object.fromEntries(Object.entries(entry.outputs).map(([name, value]) => [masker.mask(name), masker.mask(value)])),
        ...(entry.reason === undefined ? {} : { reason: masker.mask(entry.reason) }),
      };
  }
}

function maskAnnotation(annotation: Annotation, masker: Masker): Annotation {
  const { message, title, file } = annotation;
  return { ...annotation, message: masker.mask(message), ...(title === undefined ? {} : { title: masker.mask(title) }), ...(file === undefined ? {} : { file: masker.mask(file) }) };
}

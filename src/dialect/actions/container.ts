import type { Container, Service } from "../../model/index.ts";
import { entryOf, type YamlNode } from "../yaml/index.ts";
import { valueOf, type Values } from "./values.ts";

/** A job's `container:`: an image, or a mapping with one. */
export function readContainer(values: Values, node: YamlNode | undefined): Container | undefined {
  if (node === undefined) return undefined;
  if (node.kind === "scalar") {
    const image = values.text(node);
    if (image === "") return undefined;
    // An expression can also provide the whole mapping.
    return {
      image: typeof image === "string" ? image : { ...image, $expr: `(${image.$expr}).image || (${image.$expr})` },
      env: {},
    };
  }
  const image = valueOf(node, "image");
  if (image === undefined && entryOf(node, "image") === undefined) {
    values.report(
      { start: node.start, end: node.start },
      {
        code: "workflow-schema",
        message: "The container has no `image`.",
        help: "Add `image:` with the name of an image.",
      },
    );
  }
  const options = values.optionalText(valueOf(node, "options"));
  const ports = valueOf(node, "ports");
  const volumes = valueOf(node, "volumes");
  const credentials = valueOf(node, "credentials");
  return {
    image: image === undefined ? "" : values.text(image),
    env: values.environment(valueOf(node, "env")),
    ...(options === undefined ? {} : { options }),
    ...(ports === undefined ? {} : { ports: values.template(ports) }),
    ...(volumes === undefined ? {} : { volumes: values.template(volumes) }),
    ...(credentials === undefined ? {} : { credentials: values.template(credentials) }),
  };
}

/** A job's `services:`, in the file's order. */
export function readServices(values: Values, node: YamlNode | undefined): readonly Service[] {
  return values.entries(node).flatMap(({ key, value }) => {
    const container = readContainer(values, value);
    return container === undefined ? [] : [{ id: key, ...container }];
  });
}

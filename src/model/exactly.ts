import type * as z from "zod";
import type { Json } from "./json.ts";

/** The same type with every property read-only. It stops at types that hold any JSON. */
type Frozen<T> = [Json] extends [T] ? T : FrozenMember<T>;
type FrozenMember<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** True for identical types: an optional property more or less makes a difference. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type Described<S extends z.ZodType, T> =
  Same<Frozen<z.output<S>>, Frozen<T>> extends true ? S : { readonly "the schema describes another type": z.output<S> };

/**
 * Returns the schema, and fails to compile if it describes another type than `T`. For types written by hand:
 * `exactly<Plan>()(z.object({ … }))`.
 */
export function exactly<T>(): <S extends z.ZodType>(schema: S & Described<S, T>) => z.ZodType<T> {
  return (schema) => schema as z.ZodType as z.ZodType<T>;
}

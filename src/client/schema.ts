/** Generated from the server's OpenAPI document by src/server/http/openapi.test.ts. Do not edit by hand. */

export interface paths {
    "/api/v1/artifacts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Downloads an artifact (.tar.gz) */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who did what, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description Entries older than this one: `next` of the page before. */
                    before?: string;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AuditPage"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Server-sent events: each a LiveEvent under its type; `resync` if some were missed */
        get: {
            parameters: {
                query?: {
                    /** @description Resume after this message, like the Last-Event-ID header. */
                    after?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One job with its steps */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Job"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancels one job */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": Record<string, never>;
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job}/steps/{step}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lines of a log */
        get: {
            parameters: {
                query?: {
                    count?: number;
                    /** @description Number of the first line, from 1; a negative one counts from the end: -100 with count 100 returns the last 100 lines. */
                    first?: number;
                };
                header?: never;
                path: {
                    job: string;
                    step: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LogPage"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job}/steps/{step}/log/errors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lines that report a failure, and the one to start reading at */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    job: string;
                    step: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LogErrors"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job}/steps/{step}/log/raw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The whole raw log */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    job: string;
                    step: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job}/steps/{step}/log/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lines that contain a text, ignoring case */
        get: {
            parameters: {
                query: {
                    from?: number;
                    limit?: number;
                    q: string;
                };
                header?: never;
                path: {
                    job: string;
                    step: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LogSearch"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job}/steps/{step}/log/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The log as it grows: `lines` events, and `closed` at the end; resumes by Last-Event-ID */
        get: {
            parameters: {
                query?: {
                    from?: number;
                };
                header?: never;
                path: {
                    job: string;
                    step: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/now": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is running, what waits and why, and what failed recently */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Now"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/repositories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All repositories */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            repositories: components["schemas"]["Repository"][];
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Makes an empty repository, or attaches a bare one of the server's machine */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        /** @description A bare repository on the server's machine; without it an empty one is made below the data folder. */
                        path?: string | undefined;
                    };
                };
            };
            responses: {
                /** @description Success */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Repository"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/repositories/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One repository */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Name of the repository; the slash of `owner/name` is written %2F. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Repository"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Forgets a repository and its runs; files of an attached one stay */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Name of the repository; the slash of `owner/name` is written %2F. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/repositories/{name}/dispatch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Starts workflows by hand */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Name of the repository; the slash of `owner/name` is written %2F. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default {} */
                        inputs?: {
                            [key: string]: string;
                        } | undefined;
                        /** @description A branch or tag. */
                        ref: string;
                        /** @description The only workflow file to start; without it every one that can be started by hand. */
                        workflow?: string | undefined;
                    };
                };
            };
            responses: {
                /** @description Success */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Id of the accepted event; its run follows. */
                            event: string;
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/repositories/{name}/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The schedules of one repository's default branch */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Name of the repository; the slash of `owner/name` is written %2F. */
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Schedules"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runner/jobs/{job}/artifacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Artifacts of the run */
        get: {
            parameters: {
                query: {
                    fence: number;
                };
                header?: never;
                path: {
                    job: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            artifacts: {
                                bytes: number;
                                name: string;
                            }[];
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runner/jobs/{job}/artifacts/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An artifact of the run */
        get: {
            parameters: {
                query: {
                    fence: number;
                };
                header?: never;
                path: {
                    job: string;
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        /** Stores a gzipped tar as an artifact of the run */
        put: {
            parameters: {
                query: {
                    fence: number;
                    overwrite?: string;
                    retentionDays?: number;
                };
                header?: never;
                path: {
                    job: string;
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/octet-stream": Uint8Array | ReadableStream<Uint8Array>;
                };
            };
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            bytes: number;
                            name: string;
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runner/jobs/{job}/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins a job: the runner must not start its first process before the response */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    job: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        fence: number;
                    };
                };
            };
            responses: {
                /** @description Done */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runner/jobs/{job}/cache": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Finds a cache entry; 204 if there is none */
        get: {
            parameters: {
                query: {
                    fence: number;
                    key: string;
                    restoreKeys?: string;
                    version: string;
                };
                header?: never;
                path: {
                    job: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        /** Saves a gzipped tar as a cache entry; keeps an existing one */
        put: {
            parameters: {
                query: {
                    fence: number;
                    key: string;
                    version: string;
                };
                header?: never;
                path: {
                    job: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/octet-stream": Uint8Array | ReadableStream<Uint8Array>;
                };
            };
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            saved: boolean;
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runner/jobs/{job}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reports that a job is alive; responds after 5 s, or at once if it is cancelled */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    job: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        fence: number;
                    };
                };
            };
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            cancel: boolean;
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runner/jobs/{job}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds to a job's report */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    job: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        entries: ({
                            id: string;
                            name: string;
                            step: number;
                            /** @enum {string} */
                            type: "step.added";
                        } | {
                            at: number;
                            name: string;
                            step: number;
                            /** @enum {string} */
                            type: "step.started";
                        } | {
                            allowed: boolean;
                            at: number;
                            exitCode?: number | undefined;
                            reason?: string | undefined;
                            /** @enum {string} */
                            status: "pending" | "running" | "success" | "failure" | "cancelled" | "skipped";
                            step: number;
                            /** @enum {string} */
                            type: "step.finished";
                        } | {
                            annotation: {
                                column?: number | undefined;
                                endColumn?: number | undefined;
                                endLine?: number | undefined;
                                file?: string | undefined;
                                /** @enum {string} */
                                level: "error" | "warning" | "notice";
                                line?: number | undefined;
                                message: string;
                                title?: string | undefined;
                            };
                            step: number;
                            /** @enum {string} */
                            type: "annotation";
                        } | {
                            markdown: string;
                            step: number;
                            /** @enum {string} */
                            type: "summary";
                        } | {
                            at: number;
                            outputs: {
                                [key: string]: string;
                            };
                            reason?: string | undefined;
                            /** @enum {string} */
                            status: "success" | "failure" | "cancelled" | "skipped";
                            /** @enum {string} */
                            type: "job.finished";
                        })[];
                        fence: number;
                        from: number;
                    };
                };
            };
            responses: {
                /** @description Done */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runner/jobs/{job}/steps/{step}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Appends to a step's log at an offset */
        put: {
            parameters: {
                query: {
                    fence: number;
                    offset: number;
                };
                header?: never;
                path: {
                    job: string;
                    step: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/octet-stream": Uint8Array | ReadableStream<Uint8Array>;
                };
            };
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            length: number;
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runner/lease": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Waits for matching jobs */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        free: number;
                        holds: {
                            fence: number;
                            job: string;
                        }[];
                        labels: string[];
                        waitMs: number;
                    };
                };
            };
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            assignments: unknown[];
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runner/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Registers a runner and returns its own token; with that token, updates name, labels and capacity */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        capacity: number;
                        labels: string[];
                        name: string;
                    };
                };
            };
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            token: string;
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All runners */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            runners: components["schemas"]["Runner"][];
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description Runs older than this one: `next` of the previous page. */
                    before?: string;
                    limit?: number;
                    repository?: string;
                    /** @description One or more states, separated by commas. */
                    status?: string;
                    /** @description Part of the ref, title or author, the beginning of the commit, or a number: `12`, `#12`, `shop #12`. */
                    text?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            next?: string | undefined;
                            runs: components["schemas"]["Run"][];
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One run with its jobs and steps */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RunDetail"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancels a run */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": Record<string, never>;
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Re-runs everything, or what failed and its dependents */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        mode: "all" | "failed";
                    };
                };
            };
            responses: {
                /** @description Success */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": Record<string, never>;
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The schedules of all repositories, and why others never run */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Schedules"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Starts a schedule now, in addition to its due times */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Id of the accepted event; its run follows. */
                            event: string;
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The current identity */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Session"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Signs a browser in with a token */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        token: string;
                    };
                };
            };
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Session"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        /** Signs the browser out */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All tokens, without their secrets */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            tokens: components["schemas"]["Token"][];
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Creates a token; it is shown only in this response */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        /** @enum {string} */
                        role: "admin" | "writer" | "viewer" | "runner";
                    };
                };
            };
            responses: {
                /** @description Success */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["NewToken"];
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a token at once */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process responds */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "ok";
                            version: string;
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics in Prometheus' text format */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The database responds, there is disk space, and pending work has been resumed */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Success */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "ready";
                        };
                    };
                };
                /** @description What went wrong, and what to do */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Artifact: {
            bytes: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
            id: string;
            job: string;
            name: string;
        };
        AuditEntry: {
            action: string;
            actor: string;
            /** Format: date-time */
            at: string;
            detail: unknown;
            id: string;
            subject: string;
        };
        AuditPage: {
            entries: components["schemas"]["AuditEntry"][];
            next?: string | undefined;
        };
        Job: {
            allowed: boolean;
            attempt: number;
            /** Format: date-time */
            finishedAt?: string | undefined;
            id: string;
            job: string;
            key: string;
            name: string;
            needs: string[];
            outputs: {
                [key: string]: string;
            };
            /** Format: date-time */
            queuedAt?: string | undefined;
            reason?: string | undefined;
            runner?: string | undefined;
            /** Format: date-time */
            startedAt?: string | undefined;
            /** @enum {string} */
            status: "waiting" | "queued" | "running" | "success" | "failure" | "cancelled" | "skipped" | "lost";
            steps: components["schemas"]["Step"][];
            wait?: components["schemas"]["Wait"] | undefined;
            waitsFor?: string | undefined;
            workflow: string;
        };
        LiveEvent: {
            attempt: number;
            /** Format: date-time */
            finishedAt?: string | undefined;
            repository: string;
            run: string;
            /** Format: date-time */
            startedAt?: string | undefined;
            /** @enum {string} */
            status: "pending" | "blocked" | "running" | "success" | "failure" | "cancelled" | "skipped";
            /** @constant */
            type: "run";
            version: number;
            workflows: {
                /** @enum {string} */
                status: "pending" | "blocked" | "running" | "success" | "failure" | "cancelled" | "skipped";
                workflow: string;
            }[];
        } | {
            allowed?: boolean | undefined;
            attempt?: number | undefined;
            /** Format: date-time */
            finishedAt?: string | undefined;
            job: string;
            name?: string | undefined;
            newest?: boolean | undefined;
            /** Format: date-time */
            queuedAt?: string | undefined;
            reason?: (string | null) | undefined;
            run: string;
            startedAt?: (string | null) | undefined;
            /** @enum {string} */
            status?: ("waiting" | "queued" | "running" | "success" | "failure" | "cancelled" | "skipped" | "lost") | undefined;
            /** @constant */
            type: "job";
            version: number;
        } | {
            allowed?: boolean | undefined;
            bytes?: number | undefined;
            exitCode?: number | undefined;
            /** Format: date-time */
            finishedAt?: string | undefined;
            id?: string | undefined;
            job: string;
            lines?: number | undefined;
            name?: string | undefined;
            reason?: string | undefined;
            run: string;
            /** Format: date-time */
            startedAt?: string | undefined;
            /** @enum {string} */
            status?: ("pending" | "running" | "success" | "failure" | "cancelled" | "skipped") | undefined;
            step: number;
            /** @constant */
            type: "step";
            version: number;
        } | {
            bytes: number;
            job: string;
            lines: number;
            run: string;
            step: number;
            /** @constant */
            type: "log";
        } | {
            run: string;
            /** @constant */
            type: "results";
        } | {
            runner: string;
            /** @constant */
            type: "runner";
        } | {
            repository: string;
            /** @constant */
            type: "repository";
        } | {
            /** @constant */
            type: "notice";
        } | {
            repository: string;
            /** @constant */
            type: "schedule";
        } | {
            /** @constant */
            type: "resync";
        };
        LogErrors: {
            first: number | null;
            lines: number[];
            more: boolean;
        };
        LogPage: {
            bytes: number;
            closed: boolean;
            first: number;
            lines: string[];
            times: number[];
            total: number;
        };
        LogSearch: {
            matches: {
                line: number;
                text: string;
            }[];
            more: boolean;
        };
        NewToken: {
            /** Format: date-time */
            createdAt: string;
            id: string;
            name: string;
            /** @enum {string} */
            role: "admin" | "writer" | "viewer" | "runner";
            runnerId?: string | undefined;
            token: string;
        };
        Notice: {
            code: string;
            help: string;
            message: string;
            /** Format: date-time */
            since: string;
        };
        Now: {
            failed: components["schemas"]["Run"][];
            notices: components["schemas"]["Notice"][];
            queuedJobs: number;
            runners: components["schemas"]["Runner"][];
            running: components["schemas"]["Run"][];
            waiting: components["schemas"]["Run"][];
        };
        Problem: {
            code: string;
            detail: string;
            help: string;
            instance: string;
            status: number;
            title: string;
            type: string;
        };
        Repository: {
            cloneUrl: string;
            /** Format: date-time */
            createdAt: string;
            defaultBranch: string;
            forge: string;
            id: string;
            lastRun?: {
                /** Format: date-time */
                createdAt: string;
                id: string;
                number: number;
                /** @enum {string} */
                status: "pending" | "blocked" | "running" | "success" | "failure" | "cancelled" | "skipped";
                title: string;
            } | undefined;
            name: string;
        };
        Run: {
            attempt: number;
            author: string;
            /** Format: date-time */
            createdAt: string;
            event: string;
            /** Format: date-time */
            finishedAt?: string | undefined;
            id: string;
            number: number;
            problem?: {
                code: string;
                help: string;
                message: string;
            } | undefined;
            ref: string;
            repository: string;
            sender: string;
            sha: string;
            /** Format: date-time */
            startedAt?: string | undefined;
            /** @enum {string} */
            status: "pending" | "blocked" | "running" | "success" | "failure" | "cancelled" | "skipped";
            title: string;
            version: number;
            wait?: components["schemas"]["Wait"] | undefined;
            waitsFor?: string | undefined;
            workflows: {
                /** @enum {string} */
                dialect: "actions" | "woodpecker" | "native";
                name: string;
                path?: string | undefined;
                runName?: string | undefined;
                /** @enum {string} */
                status: "pending" | "blocked" | "running" | "success" | "failure" | "cancelled" | "skipped";
                workflow: string;
            }[];
        };
        RunDetail: {
            annotations: {
                column?: number | undefined;
                endColumn?: number | undefined;
                endLine?: number | undefined;
                file?: string | undefined;
                job: string;
                /** @enum {string} */
                level: "error" | "warning" | "notice";
                line?: number | undefined;
                message: string;
                step: number;
                title?: string | undefined;
            }[];
            artifacts: components["schemas"]["Artifact"][];
            attempt: number;
            author: string;
            /** Format: date-time */
            createdAt: string;
            diagnostics: {
                code: string;
                column: number;
                file: string;
                help: string;
                line: number;
                message: string;
                /** @enum {string} */
                severity: "error" | "warning";
            }[];
            earlier: components["schemas"]["Job"][];
            event: string;
            /** Format: date-time */
            finishedAt?: string | undefined;
            id: string;
            jobs: components["schemas"]["Job"][];
            leftOut: {
                annotations: boolean;
                summaries: boolean;
            };
            number: number;
            problem?: {
                code: string;
                help: string;
                message: string;
            } | undefined;
            ref: string;
            repository: string;
            sender: string;
            sha: string;
            /** Format: date-time */
            startedAt?: string | undefined;
            /** @enum {string} */
            status: "pending" | "blocked" | "running" | "success" | "failure" | "cancelled" | "skipped";
            summaries: {
                job: string;
                markdown: string;
                step: number;
            }[];
            title: string;
            version: number;
            wait?: components["schemas"]["Wait"] | undefined;
            waitsFor?: string | undefined;
            workflows: {
                /** @enum {string} */
                dialect: "actions" | "woodpecker" | "native";
                name: string;
                path?: string | undefined;
                runName?: string | undefined;
                /** @enum {string} */
                status: "pending" | "blocked" | "running" | "success" | "failure" | "cancelled" | "skipped";
                workflow: string;
            }[];
        };
        Runner: {
            busy: number;
            capacity: number;
            id: string;
            labels: string[];
            /** Format: date-time */
            lastSeenAt: string;
            name: string;
            online: boolean;
        };
        Schedule: {
            branch: string;
            cron: string;
            id: string;
            /** Format: date-time */
            lastDueAt?: string | undefined;
            lastRun?: {
                id: string;
                number: number;
                /** @enum {string} */
                status: "pending" | "blocked" | "running" | "success" | "failure" | "cancelled" | "skipped";
            } | undefined;
            /** Format: date-time */
            nextAt: string;
            note?: string | undefined;
            repository: string;
            timeZone: string;
            workflows: {
                column: number;
                file: string;
                line: number;
                name: string;
            }[];
        };
        ScheduleProblem: {
            code: string;
            column: number;
            file: string;
            help: string;
            line: number;
            message: string;
            repository: string;
        };
        Schedules: {
            problems: components["schemas"]["ScheduleProblem"][];
            schedules: components["schemas"]["Schedule"][];
        };
        Session: {
            lastEvent: string;
            name: string;
            /** @enum {string} */
            role: "viewer" | "writer" | "admin" | "runner";
        };
        Step: {
            allowed: boolean;
            bytes: number;
            exitCode?: number | undefined;
            /** Format: date-time */
            finishedAt?: string | undefined;
            id: string;
            index: number;
            lines: number;
            name: string;
            needs?: number[] | undefined;
            reason?: string | undefined;
            /** Format: date-time */
            startedAt?: string | undefined;
            /** @enum {string} */
            status: "pending" | "running" | "success" | "failure" | "cancelled" | "skipped";
        };
        Token: {
            /** Format: date-time */
            createdAt: string;
            id: string;
            name: string;
            /** @enum {string} */
            role: "admin" | "writer" | "viewer" | "runner";
            runnerId?: string | undefined;
        };
        Wait: {
            /** @constant */
            for: "jobs";
            jobs: {
                cells: number;
                job: string;
                name: string;
                open: number;
            }[];
        } | {
            /** @constant */
            for: "workflows";
            workflows: string[];
        } | {
            /** @constant */
            for: "slot";
            maxParallel: number;
        } | {
            /** @constant */
            for: "group";
            group: string;
            heldBy?: {
                id: string;
                number: number;
                title: string;
            }[] | undefined;
            place?: number | undefined;
        } | {
            /** @constant */
            for: "runner";
            labels: string[];
            missing?: ({
                /** @constant */
                what: "runner";
            } | {
                label: string;
                /** @constant */
                what: "label";
            } | {
                /** @constant */
                what: "combination";
            }) | undefined;
            place?: number | undefined;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;

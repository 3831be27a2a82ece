import assert from "node:assert/strict";
import { type ImageSource, parseImageSource } from "../../src/images/image_source.ts";

const ALPINE = { host: "registry-1.docker.io", repository: "library/alpine", tag: "3.20" };

Deno.test("parseImageSource() distinguishes paths from the other forms", () => {
  const rows: [string, ImageSource][] = [
    ["root", { kind: "path", path: "root" }],
    ["/srv/my root.tar", { kind: "path", path: "/srv/my root.tar" }],
    ["./debian:bookworm", { kind: "path", path: "./debian:bookworm" }],
    ["a/b:c", { kind: "path", path: "a/b:c" }],
    ["docker:python:3.12", { kind: "docker", name: "python:3.12" }],
    ["docker:ghcr.io/a/b@sha256:12", { kind: "docker", name: "ghcr.io/a/b@sha256:12" }],
    ["docker://alpine:3.20", { kind: "registry", reference: ALPINE }],
    ["oci://alpine:3.20", { kind: "registry", reference: ALPINE }],
    ["debian:bookworm-backports", { kind: "debian", suite: "bookworm-backports" }],
  ];
  for (const [from, source] of rows) assert.deepEqual(parseImageSource(from), source, from);
});

Deno.test("parseImageSource() lists the forms if it is none of them", () => {
  const forms = /must be a path, docker:NAME, oci:\/\/HOST\/NAME:TAG or debian:SUITE$/;
  const rows: [string, RegExp][] = [
    ["", forms],
    ["a\0b", forms],
    ["https://example.org/root.tar", forms],
    ["alpine:3.20", forms],
    ["oci:folder", forms],
    ["docker:", /must be docker:NAME/],
    ["docker:--privileged", /must be docker:NAME/],
    ["docker:a b", /must be docker:NAME/],
    ["debian:", /must be debian:SUITE/],
    ["debian:--help", /must be debian:SUITE/],
    ["oci://Host/Name", /"Host\/Name" is not a name/],
  ];
  for (const [from, message] of rows) {
    assert.throws(() => parseImageSource(from), { name: "TypeError", message }, from);
  }
});

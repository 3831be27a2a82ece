// Exports an image of the Docker daemon, as the root of a container that is never started.

import { pullStream } from "../archive/pull_stream.ts";
import { attachTeardownError, messageOf } from "../model/errors.ts";
import { toImageConfig } from "./image_config.ts";
import { requirePlatform } from "./oci_image.ts";
import { type InspectedImage, parseDocument } from "./oci_schema.ts";
import { HOST_PLATFORM } from "./platform.ts";
import { programOutput } from "./program.ts";
import {
  identityOf,
  NOTHING_TO_REMOVE,
  type RootSource,
  type SourceOptions,
} from "./root_source.ts";

/** A placeholder command, which never runs: `docker create` requires one if the image has none. */
const NO_COMMAND = "/execvm";

/** The errors of docker and podman for an image that they do not have. */
const ABSENT = /no such image|image not known/i;

/**
 * Opens an image of the Docker daemon as a source; the daemon pulls it if it has no image of that
 * name. The root includes what Docker adds to each container: `/.dockerenv`, and empty
 * `/etc/hosts`, `/etc/hostname`, `/etc/resolv.conf`.
 *
 * @throws {Error} if there is no docker program, no daemon or no such image, or it is for another
 * platform.
 */
export async function openDockerSource(name: string, options: SourceOptions): Promise<RootSource> {
  const docker = new Docker(options);
  try {
    const image = await docker.inspect(name);
    const { Os: os, Architecture: architecture, Variant: variant, Config: config } = image;
    requirePlatform({ os, architecture, variant }, options.platform ?? HOST_PLATFORM);
    return {
      identity: identityOf("docker", image.Id),
      config: toImageConfig({ architecture, config }),
      root: { kind: "tar", open: () => docker.export(image.Id) },
      ...NOTHING_TO_REMOVE,
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    const message = `cannot make an image from docker:${name}: ${factOf(name, error)}`;
    throw new Error(message, { cause: error });
  }
}

/** The errors of docker and podman without a daemon, or without the right to use it. */
const NO_DAEMON =
  /^.*(?:cannot connect to the docker daemon|failed to connect to|permission denied .*socket|there is no program).*$/im;

/** Returns the fact of an error; without a daemon, with the registry that has the image too. */
function factOf(name: string, error: unknown): string {
  const message = messageOf(error);
  const [line] = NO_DAEMON.exec(message) ?? [];
  const isId = /^(?:sha256:)?[0-9a-f]{12,64}$/.test(name);
  if (line === undefined || isId) return message;
  const fact = line.replace(/\. Is the docker daemon running\?$/, "");
  return `${fact}: or take it from its registry, without a daemon: oci://${name}`;
}

/** A client of the daemon: runs the docker program. */
class Docker {
  readonly #program: string;
  readonly #options: SourceOptions;

  constructor(options: SourceOptions) {
    this.#program = options.docker ?? "docker";
    this.#options = options;
  }

  async inspect(name: string): Promise<InspectedImage> {
    const inspect = () => this.#text(["image", "inspect", "--", name], this.#options.signal);
    const text = await inspect().catch(async (error) => {
      if (!ABSENT.test(messageOf(error))) throw error;
      await this.#pull(name);
      return await inspect();
    });
    const [image] = parseDocument("inspected", text);
    if (image === undefined) throw new Error("docker image inspect printed no image");
    return image;
  }

  /** The root of a new container as a tar; the container is removed when the stream ends. */
  export(image: string): ReadableStream<Uint8Array> {
    const over = new AbortController();
    const { signal } = this.#options;
    const either = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
    return pullStream(this.#exportChunks(image, either), (reason) => over.abort(reason));
  }

  async *#exportChunks(image: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const name = `execvm-image-${crypto.randomUUID()}`;
    let failure: unknown;
    try {
      // Not ended by the signal: a container that is still being made could not be removed.
      await this.#text(["create", "--pull=never", `--name=${name}`, image, NO_COMMAND]);
      signal.throwIfAborted();
      yield* this.#run(["export", name], signal);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      await this.#remove(name, failure);
    }
  }

  async #remove(name: string, failure: unknown): Promise<void> {
    try {
      await this.#text(["rm", "--force", "--volumes", name]);
    } catch (error) {
      if (failure === undefined) throw error;
      attachTeardownError(failure, error);
    }
  }

  async #pull(name: string): Promise<void> {
    const { platform, onProgress, signal } = this.#options;
    onProgress?.({ what: `docker pull ${name}`, bytes: 0 });
    const wanted = platform === undefined ? [] : [`--platform=${platform}`];
    await this.#text(["pull", "--quiet", ...wanted, "--", name], signal);
  }

  async #text(args: readonly string[], signal?: AbortSignal): Promise<string> {
    return await new Response(this.#run(args, signal)).text();
  }

  #run(args: readonly string[], signal?: AbortSignal): ReadableStream<Uint8Array> {
    const install = "apt-get install docker.io";
    return programOutput({ argv: [this.#program, ...args], install }, { signal });
  }
}

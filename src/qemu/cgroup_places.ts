// Finds where cgroups can be made, from files of /proc: a hierarchy for each controller in version
// 1, one for all of them in version 2 (Documentation/admin-guide/cgroup-v1, cgroup-v2.rst; proc(5),
// mountinfo). Pure.

/** A cgroup controller that limits a process. */
export type Controller = "memory" | "cpu";

/** Folders in which a cgroup may be made, the closest to our own cgroup first. */
export interface CgroupPlace {
  readonly version: 1 | 2;
  readonly controllers: readonly Controller[];
  readonly folders: readonly string[];
}

const CONTROLLERS: readonly Controller[] = ["memory", "cpu"];

/**
 * The places for each controller that is mounted, from /proc/self/cgroup and /proc/self/mountinfo.
 *
 * In version 1 a new cgroup goes below our own. In version 2 a cgroup with processes, as ours is,
 * cannot have limited children: so the new one goes next to ours, or further up.
 */
export function cgroupPlaces(selfCgroup: string, mountinfo: string): CgroupPlace[] {
  const mounts = mountinfo.split("\n").map(readMount).filter((mount) => mount !== undefined);
  const own = selfCgroup.split("\n").map((line) => /^(\d+):([^:]*):(\/.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, , names, path]) => ({ names: names!.split(","), path: path! }));
  const places: CgroupPlace[] = [];
  const free: Controller[] = [];
  for (const controller of CONTROLLERS) {
    const old = own.find(({ names }) => names.includes(controller));
    if (old === undefined) free.push(controller);
    const mount = mounts.find(({ type, options }) =>
      type === "cgroup" && options.includes(controller)
    );
    const folder = old && mount && below(mount, old.path);
    if (folder !== undefined) {
      places.push({ version: 1, controllers: [controller], folders: [folder] });
    }
  }
  const path = own.find(({ names }) => names[0] === "")?.path;
  const unified = mounts.find(({ type }) => type === "cgroup2");
  const folder = path === undefined || unified === undefined ? undefined : below(unified, path);
  if (folder === undefined || free.length === 0) return places;
  const folders = upTo(folder, unified!.point);
  return [...places, { version: 2, controllers: free, folders }];
}

interface Mount {
  readonly type: string;
  /** The part of the file system that is mounted. */
  readonly root: string;
  readonly point: string;
  readonly options: readonly string[];
}

/** `36 35 0:31 ROOT POINT OPTIONS [FIELD..] - TYPE SOURCE SUPER_OPTIONS` */
function readMount(line: string): Mount | undefined {
  const [before, after] = line.split(" - ");
  const [root, point] = before!.split(" ").slice(3).map(unescapeOctal);
  const [type, , options] = after?.split(" ") ?? [];
  if (root === undefined || point === undefined || type === undefined) return undefined;
  return { type, root, point, options: options?.split(",") ?? [] };
}

function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}

/** The folder of a cgroup; undefined if no mount shows it. */
function below({ root, point }: Mount, path: string): string | undefined {
  const top = root === "/" ? "" : root;
  if (path !== root && !path.startsWith(`${top}/`)) return undefined;
  return `${point}${path.slice(top.length)}`.replace(/\/$/, "");
}

function upTo(folder: string, top: string): string[] {
  const folders = [];
  for (let at = folder; at.length >= top.length; at = at.slice(0, at.lastIndexOf("/"))) {
    folders.push(at);
  }
  return folders;
}

import { useEffect, useRef, useSyncExternalStore } from "react";

/** Something happened to a record. */
export type Frame = {
  readonly position: number;
  readonly resource: string;
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly at: string;
  readonly actor_id: string | null;
};
export type Subject = { readonly resource: string; readonly id?: string };
type Listener = { readonly subject: Subject; readonly onFrame: (frame: Frame) => void; readonly onResync: () => void };

const listeners = new Set<Listener>();
const watchers = new Set<() => void>();
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;

let socket: WebSocket | null = null;
let position: number | null = null;
let wait = FIRST_WAIT;
let isOnline = true;
let failures = 0;

/** Hears what happens to a resource or a record while the component is shown; `onResync` asks to read everything again. */
export function useLive(subject: Subject, onFrame: (frame: Frame) => void, onResync: () => void): void {
  const handlers = useRef({ onFrame, onResync });
  handlers.current = { onFrame, onResync };
  const { resource, id } = subject;
  useEffect(() => {
    const listener: Listener = {
      subject: id ? { resource, id } : { resource },
      onFrame: (frame) => handlers.current.onFrame(frame),
      onResync: () => handlers.current.onResync(),
    };
    listeners.add(listener);
    if (socket?.readyState === WebSocket.OPEN) subscribe(listener.subject, null);
    else connect();
    return () => {
      listeners.delete(listener);
      const isHeard = [...listeners].some(({ subject: other }) => other.resource === resource && other.id === id);
      if (!isHeard && socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ unsubscribe: listener.subject }));
    };
  }, [resource, id]);
}

/** Whether changes by others arrive at the moment. */
export const useIsOnline = (): boolean =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    () => isOnline,
  );

function connect(): void {
  if (socket && socket.readyState !== WebSocket.CLOSED) return;
  const address = new URL("/api/live", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(address);
  socket.onopen = () => {
    wait = FIRST_WAIT;
    failures = 0;
    setOnline(true);
    for (const key of new Set([...listeners].map(({ subject }) => JSON.stringify(subject)))) subscribe(JSON.parse(key), position);
  };
  socket.onmessage = ({ data }) => receive(JSON.parse(String(data)));
  socket.onclose = () => {
    failures += 1;
    // One lost connection is nothing to worry anybody with.
    if (failures > 2) setOnline(false);
    if (listeners.size) setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };
}

function subscribe(subject: Subject, from: number | null): void {
  socket?.send(JSON.stringify({ subscribe: subject, ...(from === null ? {} : { from }) }));
}

type Message = { readonly ready?: { readonly position: number }; readonly resync?: true } & Partial<Frame>;

function receive(message: Message): void {
  const reached = message.ready?.position ?? message.position;
  if (typeof reached === "number") position = Math.max(position ?? 0, reached);
  if (message.resync) for (const { onResync } of listeners) onResync();
  if (!message.resource || !message.id) return;
  const frame = message as Frame;
  for (const { subject, onFrame } of listeners)
    if (subject.resource === frame.resource && (!subject.id || subject.id === frame.id)) onFrame(frame);
}

function setOnline(value: boolean): void {
  if (value === isOnline) return;
  isOnline = value;
  for (const watcher of watchers) watcher();
}

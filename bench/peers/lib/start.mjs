// What each peer's server does in the end: serve, say where, stop when told.
export async function start(serve, engine, stop = async () => {}) {
  const port = await serve(engine, Number(process.env.PORT ?? 0));
  console.log(`listening on http://127.0.0.1:${port}`);
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => stop().finally(() => process.exit(0)));
}

/**
 * Loaded into each app before its own code (`node --import`): ends the app when the launcher is gone, however that
 * ended. The apps themselves need not know that they have a launcher.
 */

/** For an app that does not stop when asked. */
const KILL_SECONDS = 4;

process.once('disconnect', () => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), KILL_SECONDS * 1000).unref();
  process.kill(process.pid, 'SIGTERM');
});
// Listening must not keep an app running that is done.
process.channel?.unref();

import { callApi, RequestError } from './api.js';
import { createItem } from './item.js';
import { describeToken, readToken, rememberToken, takeTokenFromAddress } from './token.js';
import { bring } from './upload.js';

/** Uploads that run at the same time; the others wait for their turn. */
const AT_ONCE = 3;

const tokenField = document.querySelector('#token');
const filesInput = document.querySelector('#files');
const dropZone = document.querySelector('.drop-zone');
const list = document.querySelector('#uploads');

const waiting = [];
let running = 0;

takeTokenFromAddress();
showToken();
addEventListener('hashchange', () => takeTokenFromAddress() && showToken());
tokenField.addEventListener('input', () => {
  rememberToken(tokenField.value);
  showToken();
});

filesInput.addEventListener('change', () => {
  addFiles(filesInput.files);
  // The same file can be chosen again.
  filesInput.value = '';
});
for (const type of ['dragenter', 'dragover']) {
  addEventListener(type, (event) => {
    event.preventDefault();
    dropZone.classList.add('over');
  });
}
addEventListener('dragleave', ({ relatedTarget }) => relatedTarget ?? dropZone.classList.remove('over'));
addEventListener('drop', (event) => {
  event.preventDefault();
  dropZone.classList.remove('over');
  addFiles(event.dataTransfer.files);
});

function showToken() {
  tokenField.value = readToken();
  document.querySelector('#token-note').textContent = describeToken(readToken());
}

function addFiles(files) {
  const visibility = document.querySelector('input[name=visibility]:checked').value;
  for (const file of files) addFile({ file, visibility });
  announce(`${files.length} ${files.length === 1 ? 'image' : 'images'} added`);
}

function addFile(job) {
  const controller = new AbortController();
  const item = createItem(list, job.file, {
    onRetry: () => enqueue(run),
    onDelete: () => remove(job, item, controller),
  });

  async function run() {
    try {
      const image = await bring(job, item.show, controller.signal);
      // Another try starts anew.
      if (image.status !== 'ready') job.sent = false;
      announce(`${job.file.name}: ${image.status}${image.rejection ? `, ${image.rejection.detail}` : ''}`);
    } catch (error) {
      if (controller.signal.aborted) return;
      item.show({ status: 'error', error: asRequestError(error) });
      announce(`${job.file.name}: ${error.message}`);
      if (String(error.code).startsWith('token_')) tokenField.focus();
    }
  }

  item.show({ status: 'waiting' });
  enqueue(run);
}

const asRequestError = (error) =>
  error instanceof RequestError ? error : new RequestError('unexpected', error.message);

function enqueue(run) {
  waiting.push(run);
  startNext();
}

async function startNext() {
  if (running >= AT_ONCE || waiting.length === 0) return;
  running += 1;
  await waiting.shift()();
  running -= 1;
  startNext();
}

/** Ends what still runs, and deletes what is there already. Keyboard users land where they can go on. */
async function remove(job, item, controller) {
  controller.abort();
  const next = item.element.nextElementSibling ?? item.element.previousElementSibling;
  try {
    if (job.image) await callApi('DELETE', job.image.id);
  } catch (error) {
    if (error.code !== 'image_not_found') {
      item.show({ status: item.element.dataset.status, image: job.image, error: asRequestError(error) });
      announce(`${job.file.name} was not deleted: ${error.message}`);
      return;
    }
  }
  item.remove();
  (next?.querySelector('.delete') ?? filesInput).focus();
  announce(`${job.file.name} deleted`);
}

/** For those who hear the page instead of seeing it. */
function announce(text) {
  document.querySelector('#announcements').textContent = text;
}

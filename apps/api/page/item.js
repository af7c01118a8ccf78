/** One upload as it stands in the list. */

const WORDS = {
  waiting: 'Waiting for its turn',
  uploading: 'Uploading',
  pending: 'Uploaded, waiting for the worker',
  processing: 'Processing',
  ready: 'Ready',
  rejected: 'Rejected',
  failed: 'Failed',
  expired: 'The form has expired',
  error: 'Not uploaded',
};

/** Statuses from which another try may lead further. A rejected file stays rejected. */
const RETRYABLE = new Set(['failed', 'expired', 'error']);

/**
 * Adds an item for `file` to `list`. The answer's `show` brings it to a state:
 * `{ status, progress?, image?, error? }`.
 */
export function createItem(list, file, { onRetry, onDelete }) {
  const element = document.querySelector('#upload').content.firstElementChild.cloneNode(true);
  const part = (name) => element.querySelector(name);
  const picture = part('img');
  const preview = URL.createObjectURL(file);

  part('.name').textContent = file.name;
  part('.sizes').textContent = bytes(file.size);
  part('.retry').onclick = onRetry;
  part('.delete').onclick = onDelete;
  part('.retry').setAttribute('aria-label', `Try ${file.name} again`);
  part('.delete').setAttribute('aria-label', `Delete ${file.name}`);
  part('progress').setAttribute('aria-label', `Upload of ${file.name}`);
  // What the browser cannot show itself, such as HEIC, has no picture until it is WebP.
  picture.onload = () => {
    picture.hidden = false;
  };
  picture.onerror = () => {
    picture.hidden = true;
  };
  picture.src = preview;
  list.append(element);

  function show({ status, progress, image, error }) {
    element.dataset.status = status;
    part('.state').textContent =
      status === 'uploading' ? `${WORDS.uploading}, ${Math.round(progress * 100)} %` : WORDS[status];

    const bar = part('progress');
    bar.hidden = !['waiting', 'uploading', 'pending', 'processing'].includes(status);
    if (status === 'pending' || status === 'processing') bar.removeAttribute('value');
    else bar.value = progress ?? 0;

    const reason =
      error ?? (image?.rejection && { code: image.rejection.code, message: image.rejection.detail });
    part('.reason').textContent = reason ? `${reason.message} (${reason.code})` : '';
    part('.retry').hidden = !RETRYABLE.has(status);
    if (status === 'ready') showResult(image);
  }

  function showResult({ url, width, height, sizeBytes }) {
    URL.revokeObjectURL(preview);
    picture.src = url;
    picture.width = width;
    picture.height = height;
    picture.alt = `${file.name} as WebP`;
    const change = Math.round((sizeBytes / file.size - 1) * 100);
    part('.sizes').textContent =
      `${bytes(file.size)} → ${bytes(sizeBytes)} (${change > 0 ? '+' : '−'}${Math.abs(change)} %), ${width}\u00a0×\u00a0${height}\u00a0px`;
    part('.open').href = url;
    part('.open').hidden = false;
    part('.open').setAttribute('aria-label', `Open ${file.name} as WebP`);
  }

  function remove() {
    URL.revokeObjectURL(preview);
    element.remove();
  }

  return { element, show, remove };
}

const bytes = (count) =>
  count < 1000
    ? `${count} B`
    : new Intl.NumberFormat(undefined, {
        style: 'unit',
        unit: count < 1_000_000 ? 'kilobyte' : 'megabyte',
        maximumSignificantDigits: 3,
      }).format(count / (count < 1_000_000 ? 1_000 : 1_000_000));

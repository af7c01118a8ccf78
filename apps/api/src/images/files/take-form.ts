import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalid } from '../../plugins/validation.ts';
import { type ReceivedFile, receiveForm } from './receive-form.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The files of a multipart/form-data request; its body then holds the form's fields. */
    receivedFiles?: ReceivedFile[];
  }
}

/**
 * Before validation: takes in a multipart/form-data request, so that its fields are validated as a JSON body's are.
 * `field` is the field of up to `max` files, of up to `maxBytes` each.
 */
export const takeForm =
  ({ field, max, maxBytes }: { field: string; max: number; maxBytes: number }) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!request.isMultipart()) {
      // Neither JSON nor a form: a request without a body has no schema to fail.
      if (request.body === undefined) {
        throw invalid([{ pointer: '#', detail: 'the body must be JSON, or a form with the file' }]);
      }
      return;
    }
    const { fields, files } = await receiveForm(request, reply, {
      fileField: field,
      maxFiles: max,
      maxBytes,
    });
    if (field in fields && [fields[field]].flat().length !== files.length) {
      throw invalid([{ pointer: `#/${field}`, detail: `${field} must be a file, not text` }]);
    }
    // One of several is no less a list.
    request.body = max > 1 && field in fields ? { ...fields, [field]: [fields[field]].flat() } : fields;
    request.receivedFiles = files;
  };

/** The part of libheif's C API (heif.h) that we call, as its WebAssembly build exposes it. */
declare module 'libheif-js/wasm-bundle.js' {
  type Pointer = { readonly __pointer: unique symbol };
  type Failure = { code: unknown; message: string };
  type Channel = { id: unknown; stride: number; width: number; height: number; data: Uint8Array };

  const libheif: {
    heif_error_code: { heif_error_Ok: unknown };
    heif_colorspace: { heif_colorspace_RGB: unknown };
    heif_chroma: { heif_chroma_interleaved_RGB: unknown; heif_chroma_interleaved_RGBA: unknown };
    heif_context_alloc(): Pointer;
    heif_context_free(context: Pointer): void;
    heif_context_read_from_memory(context: Pointer, bytes: Uint8Array): Failure;
    heif_js_context_get_primary_image_handle(context: Pointer): Pointer | Failure;
    heif_image_handle_get_width(handle: Pointer): number;
    heif_image_handle_get_height(handle: Pointer): number;
    heif_image_handle_has_alpha_channel(handle: Pointer): number;
    heif_image_handle_release(handle: Pointer): void;
    heif_js_decode_image2(
      handle: Pointer,
      colorspace: unknown,
      chroma: unknown,
    ): Failure | { code?: undefined; image: Pointer; channels: [Channel, ...Channel[]] };
    heif_image_release(image: Pointer): void;
  };
  export default libheif;
}

//! Compressed terms: their size is theirs to declare and ours to believe.

use super::reader::Reader;
use crate::etf::error::DecodeError;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_COMPUTE_ADLER32, TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// Decompresses what stands at the reader, tag and all, and leaves the reader behind it.
pub(super) fn inflate(reader: &mut Reader<'_>, limit: usize) -> Result<Vec<u8>, DecodeError> {
    reader.byte()?;
    let declared = reader.length()?;
    if declared > limit {
        return Err(DecodeError::DecompressedTooLong { declared, limit });
    }
    let failed = DecodeError::NotDecompressed { declared };
    let input = reader.rest();
    // Nothing is set aside for a size that these bytes cannot reach.
    if declared > input.len().saturating_mul(BEST_RATIO) {
        return Err(failed);
    }
    let mut output = vec![0; declared];
    let (status, read, written) = decompress(&mut Box::<DecompressorOxide>::default(), input, &mut output, 0, FLAGS);
    if status != TINFLStatus::Done || written != declared {
        return Err(failed);
    }
    reader.take(read)?;
    Ok(output)
}

/// Deflate spends at least one bit of code on each copy of at most 258 bytes, and one on its distance.
const BEST_RATIO: usize = 1032;
const FLAGS: u32 = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | TINFL_FLAG_COMPUTE_ADLER32;

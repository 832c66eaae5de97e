//! Compressed files, told by their first bytes.

use std::io::{self, BufRead, BufReader, Cursor, Read};

/// What the first bytes of a file or of a stream say.
pub struct Peeked<'a> {
    pub head: Vec<u8>,
    /// The whole stream, the head included.
    pub all: Box<dyn BufRead + 'a>,
}

/// More than the 64 MiB that `xz -9` needs; a file that asks for more is refused. In KiB.
const XZ_MEMORY: u32 = 256 << 10;

/// Reads up to `length` bytes ahead. A stream that breaks there is peeked up to the break, and breaks again for whoever
/// reads it: what stands before the break is not lost.
pub fn peek<'a>(mut input: impl BufRead + 'a, length: usize) -> io::Result<Peeked<'a>> {
    let mut head = Vec::new();
    let read = (&mut input).take(length as u64).read_to_end(&mut head);
    let start = Cursor::new(head.clone());
    let all: Box<dyn BufRead + 'a> = match read {
        Ok(_) => Box::new(start.chain(input)),
        Err(error) if head.is_empty() => return Err(error),
        Err(error) => Box::new(start.chain(BufReader::new(Break(Some(error))))),
    };
    Ok(Peeked { head, all })
}

/// The end of a stream that ends with an error.
struct Break(Option<io::Error>);

impl Read for Break {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// The unpacked stream, or the stream itself again when it is not compressed.
pub fn unpack(packed: Peeked<'_>) -> Result<io::Result<Box<dyn BufRead + '_>>, Peeked<'_>> {
    fn buffered<'a>(unpacked: impl Read + 'a) -> Box<dyn BufRead + 'a> {
        Box::new(BufReader::with_capacity(64 << 10, unpacked))
    }
    let Peeked { head, all } = packed;
    Ok(match head.as_slice() {
        [0x1f, 0x8b, ..] => Ok(buffered(flate2::bufread::MultiGzDecoder::new(all))),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            Ok(buffered(lzma_rust2::XzReader::new_mem_limit(all, true, XZ_MEMORY)))
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => zstd::Decoder::with_buffer(all).map(buffered),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => {
            Ok(buffered(bzip2::bufread::MultiBzDecoder::new(all)))
        }
        _ => return Err(Peeked { head, all }),
    })
}

/// Whether this is the first block of a tar file (`ustar` in it, as POSIX and GNU tar write).
pub fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

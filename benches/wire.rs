//! Bytes of payload a second, by era, over the payloads that the official SDKs made: read strictly, written
//! from the model, and for information with all hashes and signatures checked, and as lines of JSON.
#![allow(missing_docs, reason = "criterion's macro makes an undocumented function")]

use std::hint::black_box;
use std::io::Read;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use flate2::read::GzDecoder;
use quorate::wire::{Era, Payload, bytes_of_hex, decode_line_unsealed};

const VECTORS: [(Era, &str); 6] = [
    (Era::A, "era-A"),
    (Era::A1, "era-A1-transitional"),
    (Era::B, "era-B"),
    (Era::B2, "era-B2-transitional"),
    (Era::C, "era-C"),
    (Era::N, "era-N"),
];

/// The payloads of one file, and the generation hash of each.
fn payloads(name: &str) -> Vec<(Vec<u8>, Option<[u8; 32]>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/tests/data/vectors");
    let file = std::fs::File::open(format!("{folder}/{name}.jsonl.gz"));
    let mut text = String::new();
    let read = file.and_then(|file| GzDecoder::new(file).read_to_string(&mut text));
    read.unwrap_or_else(|error| panic!("{name}: {error}"));
    let payload = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        let bytes = |key: &str| bytes_of_hex(line.get(key)?.as_str()?).ok();
        Some((bytes("hex")?, bytes("generation_hash").and_then(|hash| hash.try_into().ok())))
    };
    text.lines().filter_map(payload).collect()
}

fn read(bytes: &[u8], era: Era) -> Payload<'_> {
    Payload::decode(bytes, era).unwrap_or_else(|error| panic!("{error}"))
}

fn by_era(criterion: &mut Criterion) {
    for (era, name) in VECTORS {
        let payloads = payloads(name);
        let models: Vec<Payload<'_>> = payloads.iter().map(|(bytes, _)| read(bytes, era)).collect();
        let size: usize = payloads.iter().map(|(bytes, _)| bytes.len()).sum();
        let hashes = payloads.iter().zip(&models).filter_map(|((_, generation), model)| {
            let hash = model.hash(generation.as_ref()).ok()??;
            hash.first_chunk().copied().map(u64::from_le_bytes)
        });
        println!("digest {era}: {:016x}", hashes.fold(0, |sum, one| sum ^ one));
        let mut group = criterion.benchmark_group("wire");
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("decode", era), |bencher| {
            bencher.iter(|| {
                for (bytes, _) in &payloads {
                    black_box(read(bytes, era));
                }
            });
        });
        let mut out = Vec::new();
        group.bench_function(BenchmarkId::new("encode", era), |bencher| {
            bencher.iter(|| {
                for model in &models {
                    out.clear();
                    black_box(model.encode_into(&mut out).is_ok());
                }
            });
        });
        group.sample_size(10);
        group.bench_function(BenchmarkId::new("verify", era), |bencher| {
            bencher.iter(|| {
                for (model, (_, generation)) in models.iter().zip(&payloads) {
                    black_box(model.verify(generation.as_ref()).is_ok());
                }
            });
        });
        let lines: Vec<String> = payloads.iter().map(|(bytes, _)| data_of(bytes)).collect();
        group.bench_function(BenchmarkId::new("line", era), |bencher| {
            bencher.iter(|| {
                for line in &lines {
                    black_box(decode_line_unsealed(line, era).is_ok());
                }
            });
        });
        group.finish();
    }
}

/// Hex digits of a payload.
fn data_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

criterion_group!(benches, by_era);
criterion_main!(benches);

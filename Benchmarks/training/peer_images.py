"""For Scripts/bench.sh. make FOLDER: writes 10 classes of 60 JPEG and PNG pictures of 250 × 250 as test images.
read FOLDER: decodes, makes gray and resizes all of them to 80 × 80 with Pillow, in two processes: images a second."""
import glob, multiprocessing, os, resource, sys, time
import numpy as np
from PIL import Image

def picture(random):
    # Smooth shapes with some noise, so that they compress about as photographs do.
    small = random.integers(0, 256, (12, 12, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(small).resize((250, 250), Image.BICUBIC), dtype=np.float32)
    return Image.fromarray(np.clip(smooth + random.normal(0, 6, smooth.shape), 0, 255).astype(np.uint8))

def read(path):
    return np.asarray(Image.open(path).convert("L").resize((80, 80), Image.BILINEAR))

if __name__ == "__main__":
    task, folder = sys.argv[1:]
    if task == "make":
        random = np.random.default_rng(0)
        for number in range(10):
            os.makedirs(f"{folder}/class{number}")
            for item in range(60):
                picture(random).save(f"{folder}/class{number}/{item}." + ("jpg" if item % 4 else "png"), quality=90)
    else:
        paths = sorted(glob.glob(folder + "/*/*"))
        with multiprocessing.Pool(2) as pool:
            pool.map(read, paths[:20])
            start = time.perf_counter()
            images = np.stack(pool.map(read, paths, chunksize=16))
            seconds = time.perf_counter() - start
        assert images.shape == (600, 80, 80)
        print("BENCH images", len(paths) / seconds, images.mean(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)

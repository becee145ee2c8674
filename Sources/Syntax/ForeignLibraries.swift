/// The way out for names of Keras, PyTorch, scikit-learn, pandas and Python's library that nothing here is called alike.
let foreignLibraryNames: [String: String] = {
  var names: [String: String] = [:]
  func add(_ words: String..., help: String) { for word in words { names[word] = help } }

  // Networks
  add("MaxPool2D", "MaxPool", help: "write maxpool(2)")
  add("AveragePooling2D", "AvgPool2d", "AvgPool2D", help: "write avgpool(2)")
  add("GlobalAveragePooling2D", "AdaptiveAvgPool2d", "GlobalAvgPool2D", help: "write globalpool")
  add("GlobalMaxPooling2D", help: "write globalpool, the mean of each channel")
  add("LayerNormalization", "LayerNorm", "GroupNormalization", "GroupNorm", help: "write groupnorm(1), or batchnorm")
  add("Add", help: "residual(block) adds what goes into a block to what comes out of it")
  add("Concatenate", "Concat", help: "parallel(a, b) joins what several blocks make of one input")
  add(
    "SeparableConv2D", "DepthwiseConv2D",
    help: "groupconv(filters, kernel, groups) has its own filters for each group of channels")
  add("InstanceNorm2d", "InstanceNormalization", help: "groupnorm(16) behind a layer with 16 channels is the same")
  add(
    "gelu", "elu", "selu", "silu", "swish", "mish", "softplus", "hardtanh", "GELU", "ELU", "SELU", "SiLU", "Swish",
    "Mish", "Softplus", "Hardtanh",
    help: "the activations are relu, leakyrelu(0.01), prelu(), sigmoid and tanh: dense(50) >> relu")
  add("ZeroPadding2D", "ZeroPad2d", help: "a convolution pads: conv(6, 3, padding=1)")
  add("ModuleList", "Layer", help: "join layers with >>: conv(6, 3) >> relu >> flatten >> dense(50)")
  add("Lambda", help: "a distance needs no layer: trainer(net, pairs(data, 4000), loss=contrastive()) measures it")
  add("UnitNormalization", "l2_normalize", help: "write normalize")
  add(
    "Embedding", "LSTM", "GRU", "RNN", "SimpleRNN", "Attention", "MultiHeadAttention", "MultiheadAttention",
    "Transformer", "Conv1D", "Conv3D", "Conv1d", "Conv3d", "Conv2DTranspose", "ConvTranspose2d", "UpSampling2D",
    "Upsample",
    help: "networks here look at images: conv(6, 3) >> relu >> flatten >> dense(50); help() lists the layers")
  add("model", help: "make one first: net = conv(6, 3) >> relu >> flatten >> dense(50)")
  add(
    "load_model", "load_weights", "load_state_dict", "set_weights",
    help: "load(\"m.keras\") opens a network; net.adopt(\"weights.pt\") takes weights alone")
  add(
    "state_dict", "get_weights", "plot_model",
    help: "net.summary() shows a network's layers and arrays; net.save(\"net.safetensors\") keeps them")
  add("deepcopy", "clone_model", help: "b = a is a copy of a list or a record, net.copy() of a network")
  add("save_model", help: "write net.save(\"net.safetensors\")")

  // Training
  add("EarlyStopping", help: "run(epochs=40, patience=5) stops early, where the trainer has validation=")
  add("ModelCheckpoint", help: "run(epochs=40, checkpoint=\"loop.safetensors\") writes one after each epoch")
  add(
    "ReduceLROnPlateau", "LearningRateScheduler", "StepLR", "CosineAnnealingLR",
    help: "a schedule multiplies the rate: adam(0.001, schedule=cosine(steps=1000))")
  add(
    "backward", "zero_grad", help: "step(optimizer, () -> loss) does the whole step; grad(f)(x) gives gradients alone")
  add(
    "no_grad", "inference_mode",
    help:
      "leave it out: a gradient is taken within step(…), grad(f) and gradient(f, x) alone; detach(x) holds a part still"
  )
  add("GradientTape", help: "step(optimizer, () -> loss) takes the gradient of what stands in it; so does grad(f)(x)")
  add("cuda", "is_available", help: "leave it out: everything runs on the processor")
  add(
    "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion", "LBFGS",
    help: "the optimizers are sgd, rmsprop, adam and adamw: adam(0.001)")
  add("TensorBoard", "CSVLogger", help: "loop.history has the figures, plot(loop) draws them")
  add("callbacks", help: "run(epochs=20, patience=5, checkpoint=…) has what callbacks do elsewhere")
  add("history", help: "loop = trainer(…); loop.run(epochs=8); loop.history.loss, and plot(loop) draws it")
  add(
    "fit", "compile", "train",
    help: "trainer(net, pairs(data, 4000), loss=contrastive(), optimizer=adam()).run(epochs=10)")
  add("predict", "forward", help: "call the network: net(x)")
  add("evaluate", "score", help: "distances(net, data) and episodes(net, data, ways=5) judge a network")
  add("summary", help: "net.summary() shows its layers and arrays")
  add("loss", help: "give one to the trainer: trainer(net, data, loss=contrastive()); help(\"trainer\") tells more")
  add(
    "models", "optimizers", "losses", "metrics", "optim",
    help: "they have no prefix: adam(0.001), contrastive(margin=1), recipe(); help() lists them")
  add("contrastive_loss", "ContrastiveLoss", help: "write contrastive(margin=1)")
  add(
    "TripletMarginLoss", "TripletSemiHardLoss", "TripletHardLoss", "TripletLoss", "triplet_loss",
    help: "write triplet(margin=0.2, mining=\"semihard\")")
  add(
    "SparseCategoricalCrossentropy", "CategoricalCrossentropy", "CrossEntropyLoss", "BinaryCrossentropy", "BCELoss",
    "BCEWithLogitsLoss", "NLLLoss", "nll_loss", "cross_entropy", "binary_cross_entropy",
    help: "write crossentropy()")
  add("MSELoss", "MeanSquaredError", "mse", "mse_loss", "mean_squared_error", help: "write mean((a - b) ^ 2)")
  add("L1Loss", "MeanAbsoluteError", "mae", "l1_loss", "mean_absolute_error", help: "write mean(abs(a - b))")
  add("CosineEmbeddingLoss", "HingeEmbeddingLoss", help: "write contrastive(margin=1)")
  add("ArcFaceLoss", "SubCenterArcFaceLoss", help: "write arcface(margin=0.5, scale=64)")
  add("CosFaceLoss", help: "write cosface(margin=0.35, scale=64)")
  add("NTXentLoss", help: "write ntxent(temperature=0.1)")
  add("SupConLoss", help: "write supcon(temperature=0.1)")
  add(
    "MultiSimilarityMiner", "BatchHardMiner", "AngularMiner", "DistanceWeightedMiner", "TripletMarginMiner",
    help:
      "mine(supcon(), mining=\"multisimilarity\") chooses the pairs that teach most; help(\"mine\") lists the miners")
  add("CrossBatchMemory", help: "write crossbatch(supcon(), size=1024)")
  add(
    "euclidean_distance", "pairwise_distance", "cdist_", help: "norm(a - b, axis=1) of rows, cdist(a, b) of all pairs")
  add(
    "to_categorical", "one_hot", "OneHotEncoder",
    help: "onehot(labels, classes) makes rows; crossentropy() takes labels as they are")

  // Data
  add(
    "image_dataset_from_directory", "flow_from_directory", "ImageFolder", "ImageDataGenerator", "Dataset",
    help: "images(\"folder\", size=[80, 80], gray=true) reads folders of pictures, one folder for each class")
  add(
    "Rescaling", "MinMaxScaler", "StandardScaler", "ToTensor", "Normalize",
    help: "leave it out: a dataset's pixels are from 0 to 1; data.normalise() scales them otherwise")
  add(
    "RandomFlip", "RandomRotation", "RandomZoom", "RandomCrop", "RandomHorizontalFlip", "transforms", "albumentations",
    help: "data.augment(flip=true, rotate=10, shift=2) changes images at random while a network trains")
  add(
    "RandomTranslation", "RandomContrast", "RandomBrightness", "RandomAffine", "RandomResizedCrop", "RandomErasing",
    "ColorJitter", "Compose",
    help: "data.augment(flip=true, rotate=10, shift=2) changes images at random while a network trains")
  add("Resize", "Resizing", help: "data.resize(32, 32), or images(\"folder\", size=[32, 32])")
  add("CenterCrop", help: "data.crop(…) cuts all images alike; help(\"dataset.crop\") tells of it")
  add("TensorDataset", help: "images(x, labels) makes a dataset of an array [n, channels, height, width]")
  add("Subset", help: "data[2:5] and data[[0, 7]] are some images, data[\"ann\"] those of a class")
  add("random_split", help: "learn, strangers = data.split(classes=20) keeps whole classes apart")
  add("make_pairs", "create_pairs", help: "pairs(data, 4000) draws pairs")
  add(
    "imread", "load_img", "img_to_array", "Image", help: "image(\"a.png\") reads a picture, images(\"folder\") a folder"
  )
  add("imwrite", "imsave", "save_img", help: "picture.save(\"a.png\") writes a picture")
  add("pd", "pandas", "DataFrame", "df", help: "readcsv(\"x.csv\") gives a list of records, one for each row")
  add("glob", "listdir", "Path", "pathlib", help: "images(\"folder\") reads all pictures below a folder")
  add(
    "pickle", "joblib",
    help: "save(x, \"x.npz\") and load(\"x.npz\"); net.save and people.save keep networks and galleries")
  add("h5py", help: "load(\"m.h5\") reads the networks and weights of Keras")

  // Judging, faces
  add(
    "euclidean_distances", "cosine_distances",
    help: "cdist(a, b) gives the distances of all rows; x @ y.T of rows of length 1 the cosines")
  add("LDA", "LinearDiscriminantAnalysis", help: "whiten(net, data) evens out what varies within classes")
  add("bar", "barplot", "barh", help: "bars({ann: 3, ben: 5}) draws them")
  add(
    "legend", "xlabel", "ylabel", "suptitle", "xlim", "ylim",
    help: "say it where it is drawn: plot(x, title=\"a\", xlabel=\"b\", ylabel=\"c\", names=[…])")
  add("TSNE", help: "write tsne(net(data))")
  add(
    "sklearn", "scipy",
    help: "what it has is built in: distances(net, data), confusion(net, data), clustering(net, data); help() lists it")
  add("classification_report", help: "confusion(net, data) and report(net, data) judge a network")
  add(
    "KNeighborsClassifier", "NearestNeighbors", "KNN", "SVC", "LogisticRegression", "RandomForestClassifier", "faiss",
    help: "people = gallery(net); people.enroll(name, image); people.query(image, k=3) finds the nearest")
  add(
    "face_recognition", "DeepFace", "FaceNet", "InceptionResnetV1", "insightface", "dlib",
    help: "network(\"face-resnet\") tells faces apart, extract(\"photos\", into=\"faces\") cuts them out")
  add(
    "MTCNN", "detect_faces", "CascadeClassifier",
    help: "faces(photo) finds faces, extract(\"photos\", into=\"faces\") cuts them out")

  // Arrays and Python's library
  add(
    "tensorflow", "torchvision", "jax", "cupy",
    help: "what it has is built in: zeros((2, 3)), exp(x), x @ y; help() lists it")
  add("savefig", "show", help: "a figure is shown when it is the cell's value; plot(x).save(\"x.svg\") writes it")
  add("hstack", help: "concat([a, b], axis=1) of matrices, axis=0 of rows")
  add(
    "float32", "float64", "int32", "int64", "uint8", "float16", "astype", "dtype",
    help: "the numbers of a tensor are 32-bit floats, all of them; round(x) and int(x) make whole numbers")
  add("argpartition", help: "topk(x, k) gives the greatest and their places")
  add("meshgrid", help: "x.reshape(-1, 1) and y.reshape(1, -1) stretch to one shape in arithmetic")
  add(
    "shuffle", "choice", "sample",
    help: "permutation(n) draws an order: [xs[i] for i in permutation(len(xs))]; data.shuffle() of a dataset")
  add("random_sample", "ranf", help: "write rand(3)")
  add("randperm", help: "write permutation(n)")
  add("bernoulli", "binomial", help: "rand(3) < 0.5 draws a mask")
  add("uniform", help: "write low + (high - low) * rand(3)")
  add("normal", help: "write mean + deviation * randn(3)")
  add(
    "seed", "default_rng", "manual_seed", "set_seed", "RandomState", "Generator",
    help: "seed=1 where something draws, %seed 1 for a session")
  add("tqdm", "trange", help: "leave it out: trainings, extract and the like show their progress")
  add("datetime", "perf_counter", "monotonic", help: "now() gives the seconds since 1970")
  add("Counter", "defaultdict", "OrderedDict", help: "counts = {}; for x in xs { counts[x] = counts.get(x, 0) + 1 }")
  add("namedtuple", "dataclass", help: "write a record: {name: \"iu\", age: 31}")
  add("getattr", "setattr", "hasattr", help: "r[name], r[name] = value and name in r do it with a record")

  // Python and NumPy
  add("eval", "exec", help: "include(\"other.twin\") runs a file; a function holds code for later: f = x -> x + 1")
  add("breakpoint", help: "an error shows the calls that led to it; print(x) shows a value on the way")
  add("issubclass", help: "write type(x) == \"number\"")
  add("slice", help: "write x[2:5]")
  add("set_printoptions", help: "a format shows fewer digits: \"{x:.2f}\"; %show gives all of a value")
  add("assert_allclose", "assert_array_equal", "assert_equal", help: "write assert(allclose(a, b))")
  add("callable", help: "write type(x) == \"function\"")
  add("iter", "next", help: "write for x in xs { … }, or take xs[0]")
  add("join", help: "write [\"a\", \"b\"].join(\", \")")
  add("sleep", help: "a program cannot wait; now() gives the time")
  add("collections", "itertools", "functools", "csv", help: "everything is built in; help() lists it")
  add("partial", help: "write x -> f(x, 3)")
  add("savez", "savez_compressed", help: "save({a: x, b: y}, \"x.npz\") writes several tensors")
  add("identity", help: "write eye(3)")
  add("ndarray", "matrix", "mat", help: "write tensor([[1, 2], [3, 4]])")
  add("GlobalAveragePooling", help: "write globalpool")
  add(
    "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy",
    help: "trainer(net, data, loss=crossentropy()) trains by classes, loss=contrastive() by pairs")
  return names
}()

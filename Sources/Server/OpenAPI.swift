/// The JSON interface for programs, described by OpenAPI 3.0.
enum OpenAPI {
  static let text = #"""
    {
      "openapi": "3.0.3",
      "info": {
        "title": "Twinbook gallery",
        "version": "1",
        "description": "Who is in a picture: the nearest people of a gallery. Pictures are PNG, JPEG, PGM, PPM or PBM, told by their content, and are not kept."
      },
      "paths": {
        "/api/query": {
          "post": {
            "summary": "The faces in a picture, and for each the nearest people.",
            "parameters": [
              {"name": "k", "in": "query", "description": "How many people for each face.", "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 5}},
              {"$ref": "#/components/parameters/whole"}
            ],
            "requestBody": {"$ref": "#/components/requestBodies/Picture"},
            "responses": {
              "200": {"description": "The faces.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Query"}}}},
              "default": {"$ref": "#/components/responses/Problem"}
            }
          }
        },
        "/api/verify": {
          "post": {
            "summary": "Whether two pictures show the same person; of several faces the one that is named, else the largest, is compared.",
            "parameters": [
              {"$ref": "#/components/parameters/whole"},
              {"name": "face_a", "in": "query", "description": "Which of the faces in a, from 0.", "schema": {"type": "integer", "minimum": 0}},
              {"name": "face_b", "in": "query", "description": "Which of the faces in b, from 0.", "schema": {"type": "integer", "minimum": 0}}
            ],
            "requestBody": {
              "required": true,
              "content": {
                "multipart/form-data": {
                  "schema": {
                    "type": "object",
                    "required": ["a", "b"],
                    "properties": {"a": {"type": "string", "format": "binary"}, "b": {"type": "string", "format": "binary"}}
                  }
                }
              }
            },
            "responses": {
              "200": {"description": "The verdict.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Verdict"}}}},
              "default": {"$ref": "#/components/responses/Problem"}
            }
          }
        },
        "/api/enrol": {
          "post": {
            "summary": "Adds a reference of a person, where the server was started with enrolling.",
            "security": [{"token": []}],
            "parameters": [
              {"name": "label", "in": "query", "required": true, "schema": {"type": "string", "minLength": 1, "maxLength": 80}},
              {"name": "face", "in": "query", "description": "Which of the faces that /api/query found, from 0; the largest where it is not given.", "schema": {"type": "integer", "minimum": 0}},
              {"$ref": "#/components/parameters/whole"}
            ],
            "requestBody": {"$ref": "#/components/requestBodies/Picture"},
            "responses": {
              "200": {"description": "It is enrolled.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Enrolled"}}}},
              "default": {"$ref": "#/components/responses/Problem"}
            }
          }
        },
        "/api/remove": {
          "post": {
            "summary": "Forgets a person with all references.",
            "security": [{"token": []}],
            "parameters": [{"name": "label", "in": "query", "required": true, "schema": {"type": "string"}}],
            "responses": {
              "200": {"description": "It is removed.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Removed"}}}},
              "default": {"$ref": "#/components/responses/Problem"}
            }
          }
        },
        "/api/gallery": {
          "get": {
            "summary": "Who is in the gallery, and how it was made.",
            "parameters": [
              {"name": "search", "in": "query", "description": "What a label has to contain.", "schema": {"type": "string"}},
              {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}},
              {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 60}}
            ],
            "responses": {
              "200": {"description": "The gallery.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Gallery"}}}},
              "default": {"$ref": "#/components/responses/Problem"}
            }
          }
        },
        "/api/distances": {
          "get": {
            "summary": "A histogram of the distances between the gallery's references.",
            "responses": {
              "200": {"description": "The histogram.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Distances"}}}},
              "default": {"$ref": "#/components/responses/Problem"}
            }
          }
        },
        "/api/references/{index}": {
          "get": {
            "summary": "A reference's picture as the network sees it.",
            "parameters": [{"name": "index", "in": "path", "required": true, "schema": {"type": "integer", "minimum": 0}}],
            "responses": {
              "200": {"description": "The picture.", "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
              "default": {"$ref": "#/components/responses/Problem"}
            }
          }
        },
        "/healthz": {
          "get": {
            "summary": "Whether the server is well.",
            "responses": {"200": {"description": "It is.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}}}
          }
        }
      },
      "components": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "Printed when the server starts."}},
        "parameters": {
          "whole": {"name": "whole", "in": "query", "description": "1: the whole picture is one face, none is looked for.", "schema": {"type": "string", "enum": ["0", "1"]}}
        },
        "requestBodies": {
          "Picture": {
            "required": true,
            "description": "The picture's bytes, or a form with the field image.",
            "content": {
              "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
              "image/*": {"schema": {"type": "string", "format": "binary"}},
              "multipart/form-data": {
                "schema": {"type": "object", "required": ["image"], "properties": {"image": {"type": "string", "format": "binary"}}}
              }
            }
          }
        },
        "responses": {
          "Problem": {"description": "Why not, and what to do.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        },
        "schemas": {
          "Problem": {
            "type": "object",
            "required": ["error", "reason"],
            "properties": {
              "error": {"type": "string", "description": "A fixed word.", "example": "too-large"},
              "reason": {"type": "string"},
              "remedy": {"type": "string"}
            }
          },
          "Box": {
            "type": "object",
            "description": "In pixels of the picture, from its upper left corner.",
            "required": ["x", "y", "width", "height"],
            "properties": {"x": {"type": "number"}, "y": {"type": "number"}, "width": {"type": "number"}, "height": {"type": "number"}}
          },
          "Match": {
            "type": "object",
            "required": ["label", "distance", "picture"],
            "properties": {
              "label": {"type": "string"},
              "distance": {"type": "number"},
              "probability": {"type": "number", "description": "That a pair at this distance shows the same; of a calibrated gallery."},
              "picture": {"type": "string", "description": "Address of the nearest reference's picture."}
            }
          },
          "Face": {
            "type": "object",
            "required": ["box", "landmarks", "matches"],
            "properties": {
              "box": {"$ref": "#/components/schemas/Box"},
              "confidence": {"type": "number"},
              "landmarks": {
                "type": "array",
                "items": {"type": "object", "required": ["x", "y"], "properties": {"x": {"type": "number"}, "y": {"type": "number"}}}
              },
              "label": {"type": "string", "description": "Who it is; not there where unknown."},
              "known": {"type": "boolean", "description": "Not there where the gallery has no threshold."},
              "matches": {"type": "array", "items": {"$ref": "#/components/schemas/Match"}}
            }
          },
          "Query": {
            "type": "object",
            "required": ["width", "height", "finder", "milliseconds", "faces"],
            "properties": {
              "width": {"type": "integer"},
              "height": {"type": "integer"},
              "finder": {"type": "string"},
              "threshold": {"type": "number"},
              "milliseconds": {"type": "number"},
              "faces": {"type": "array", "items": {"$ref": "#/components/schemas/Face"}}
            }
          },
          "Side": {
            "type": "object",
            "required": ["width", "height", "faces", "face", "box", "boxes"],
            "properties": {
              "width": {"type": "integer"},
              "height": {"type": "integer"},
              "faces": {"type": "integer"},
              "face": {"type": "integer", "description": "Which of them is compared, from 0."},
              "box": {"$ref": "#/components/schemas/Box"},
              "boxes": {"type": "array", "items": {"$ref": "#/components/schemas/Box"}}
            }
          },
          "Verdict": {
            "type": "object",
            "required": ["distance", "milliseconds", "a", "b"],
            "properties": {
              "same": {"type": "boolean", "description": "Not there where the gallery has no threshold."},
              "distance": {"type": "number"},
              "threshold": {"type": "number"},
              "probability": {"type": "number"},
              "milliseconds": {"type": "number"},
              "a": {"$ref": "#/components/schemas/Side"},
              "b": {"$ref": "#/components/schemas/Side"}
            }
          },
          "Enrolled": {
            "type": "object",
            "required": ["label", "references", "people", "picture"],
            "properties": {
              "label": {"type": "string"},
              "references": {"type": "integer"},
              "people": {"type": "integer"},
              "picture": {"type": "string"}
            }
          },
          "Removed": {
            "type": "object",
            "required": ["label", "references", "people"],
            "properties": {"label": {"type": "string"}, "references": {"type": "integer"}, "people": {"type": "integer"}}
          },
          "Person": {
            "type": "object",
            "required": ["label", "references", "pictures"],
            "properties": {
              "label": {"type": "string"},
              "references": {"type": "integer"},
              "pictures": {"type": "array", "items": {"type": "string"}}
            }
          },
          "Gallery": {
            "type": "object",
            "required": ["people", "references", "version", "input", "preparation", "finder", "enrolling", "found", "list"],
            "properties": {
              "people": {"type": "integer"},
              "references": {"type": "integer"},
              "version": {"type": "integer"},
              "threshold": {"type": "number"},
              "calibration": {"type": "string"},
              "input": {"type": "array", "items": {"type": "integer"}},
              "preparation": {"type": "string"},
              "finder": {"type": "string"},
              "enrolling": {"type": "boolean"},
              "found": {"type": "integer"},
              "list": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}}
            }
          },
          "Distances": {
            "type": "object",
            "required": ["from", "width", "same", "different", "samePairs", "differentPairs", "references"],
            "properties": {
              "from": {"type": "number"},
              "width": {"type": "number", "description": "Of one bin."},
              "same": {"type": "array", "items": {"type": "integer"}},
              "different": {"type": "array", "items": {"type": "integer"}},
              "samePairs": {"type": "integer"},
              "differentPairs": {"type": "integer"},
              "references": {"type": "integer"},
              "threshold": {"type": "number"}
            }
          },
          "Health": {
            "type": "object",
            "required": ["status", "people", "references", "waiting", "connections", "queries"],
            "properties": {
              "status": {"type": "string"},
              "people": {"type": "integer"},
              "references": {"type": "integer"},
              "waiting": {"type": "integer"},
              "connections": {"type": "integer"},
              "queries": {"type": "integer"}
            }
          }
        }
      }
    }

    """#
}

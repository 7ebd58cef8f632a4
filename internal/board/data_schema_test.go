package board_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/board"
)

// dataOf reads the data of an event in short form.
func dataOf(t *testing.T, data string) board.Data {
	t.Helper()
	f, err := board.Parse("storm.yaml", []byte("events:\n  X:\n    data: "+data+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return f.Board().Events["X"].Data
}

func TestDataSchema(t *testing.T) {
	t.Parallel()
	data := dataOf(t, `{id: uuid, at: datetime, on_day: date, "seats": "[[string]]", "method?": "card|voucher", price: money,
      mail: {type: email, pii: true, about: "of the buyer"}, n: {type: integer, min: 1, max: 8}, names: {type: "[string]", min: 1},
      code: {type: string, min: 2, max: 4, pattern: "^[a-z]+$"}, where: {street: string, "floor?": integer}, rest: any}`)
	if faults := data.Faults(); len(faults) > 0 {
		t.Errorf("Faults = %v, want none", faults)
	}
	const want = `{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "type": "object",
  "required": [
    "id",
    "at",
    "on_day",
    "seats",
    "price",
    "mail",
    "n",
    "names",
    "code",
    "where",
    "rest"
  ],
  "properties": {
    "id": {
      "type": "string",
      "format": "uuid"
    },
    "at": {
      "type": "string",
      "format": "date-time"
    },
    "on_day": {
      "type": "string",
      "format": "date"
    },
    "seats": {
      "type": "array",
      "items": {
        "type": "array",
        "items": {
          "type": "string"
        }
      }
    },
    "method": {
      "type": "string",
      "enum": [
        "card",
        "voucher"
      ]
    },
    "price": {
      "type": "object",
      "required": [
        "amount",
        "currency"
      ],
      "properties": {
        "amount": {
          "type": "number"
        },
        "currency": {
          "type": "string",
          "pattern": "^[A-Z]{3}$"
        }
      }
    },
    "mail": {
      "type": "string",
      "description": "of the buyer",
      "x-pii": true,
      "format": "email"
    },
    "n": {
      "type": "integer",
      "minimum": 1,
      "maximum": 8
    },
    "names": {
      "type": "array",
      "minItems": 1,
      "items": {
        "type": "string"
      }
    },
    "code": {
      "type": "string",
      "pattern": "^[a-z]+$",
      "minLength": 2,
      "maxLength": 4
    },
    "where": {
      "type": "object",
      "required": [
        "street"
      ],
      "properties": {
        "street": {
          "type": "string"
        },
        "floor": {
          "type": "integer"
        }
      }
    },
    "rest": {}
  }
}
`
	if diff := cmp.Diff(want, string(data.Schema().JSONSchema())); diff != "" {
		t.Errorf("the schema differs (-want +got):\n%s", diff)
	}
}

func TestDataFaults(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]board.Fault{
		`{x: {type: boolean, min: 1}}`:                                 {Path: "data.x", Message: "min and max bound numbers and lengths, and a value of type boolean has none"},
		`{x: {type: string, max: 1.5}}`:                                {Path: "data.x", Message: "the bound of a length is a whole number from 0"},
		`{x: {type: "[string]", min: -1}}`:                             {Path: "data.x", Message: "the bound of a length is a whole number from 0"},
		`{x: {type: number, min: .inf}}`:                               {Path: "data.x", Message: "the bound is out of range"},
		`{x: {type: integer, min: 3, max: 2}}`:                         {Path: "data.x", Message: "min is larger than max"},
		`{x: {type: integer, pattern: "a"}}`:                           {Path: "data.x", Message: "only texts have a pattern"},
		`{o: {x: {type: string, pattern: "("}}}`:                       {Path: "data.o.x", Message: "the pattern is not legal: error parsing regexp: missing closing ): `(`"},
		`{x: [{o: {type: object, fields: {y: {type: any, min: 1}}}}]}`: {Path: "data.x.o.y", Message: "min and max bound numbers and lengths, and a value of type any has none"},
	} {
		if diff := cmp.Diff([]board.Fault{want}, dataOf(t, data).Faults()); diff != "" {
			t.Errorf("Faults of %s differ (-want +got):\n%s", data, diff)
		}
	}
}

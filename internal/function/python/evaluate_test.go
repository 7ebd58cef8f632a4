package python_test

// evaluator is a handler, "app.run", that returns what a Python expression
// gives. The event is the expression.
var evaluator = map[string]string{"app.py": `
import collections, dataclasses, datetime, decimal, enum, os
from decimal import Decimal

Point = collections.namedtuple("Point", "x y")

class AsDict:
    def _asdict(self):
        return {"a": Decimal("1.50")}

@dataclasses.dataclass
class Data:
    a: int

class Color(enum.Enum):
    RED = 1

class Level(enum.IntEnum):
    LOW = 1

class Name(str):
    pass

class Number(int):
    pass

class Real(float):
    pass

class Money(Decimal):
    pass

class Table(dict):
    pass

class Sequence(list):
    pass

class Unprintable(Exception):
    def __str__(self):
        raise ValueError("no")

def fail(error):
    raise error

def cycle():
    a = []
    a.append(a)
    return a

def cycle_of_dicts():
    a = {}
    a["a"] = {"b": [a]}
    return a

def run(event, context):
    return eval(event, globals(), {"context": context})
`}

// expressions are results to marshal: what AWS's runtime makes of them was
// measured with awslambdaric 4.2.2; TestLikeAWS compares again where that is
// installed. Texts in new are those of 3.12 and later where they differ, which
// write characters beyond ASCII as they are.
var expressions = []struct {
	expr, want, kind, new string
}{
	{expr: `None`, want: `null`},
	{expr: `True`, want: `true`},
	{expr: `0`, want: `0`},
	{expr: `''`, want: `""`},
	{expr: `[]`, want: `[]`},
	{expr: `{}`, want: `{}`},
	{expr: `()`, want: `[]`},
	{expr: `{'a':1,'b':[1,2]}`, want: `{"a": 1, "b": [1, 2]}`},
	{expr: `[1,"a",None,True,1.5,{"x":[]}]`, want: `[1, "a", null, true, 1.5, {"x": []}]`},
	{expr: `(1,(2,))`, want: `[1, [2]]`},
	{expr: `Decimal('1.10')`, want: `1.10`},
	{expr: `{'a':Decimal('1E+3'),'b':[Decimal('-0')]}`, want: `{"a": 1E+3, "b": [-0]}`},
	{expr: `Decimal('NaN')`, want: `NaN`},
	{expr: `Decimal('-NaN')`, want: `NaN`},
	{expr: `Decimal('Infinity')`, want: `Infinity`},
	{expr: `Money('2.50')`, want: `2.50`},
	{expr: `Point(1,2)`, want: `{"x": 1, "y": 2}`},
	{expr: `[Point(1,Point(b'b',Decimal('1.0')))]`, want: `[{"x": 1, "y": {"x": "b", "y": 1.0}}]`},
	{expr: `AsDict()`, want: `{"a": 1.50}`},
	{expr: `{'a':b'bytes',b'k':1}`, want: `{"a": "bytes", "k": 1}`},
	{expr: `[b'\xc3\xa9']`, want: `["\u00e9"]`, new: `["é"]`},
	{expr: `[b'\xff']`, kind: "Runtime.MarshalError", want: `Unable to marshal response: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte`},
	{expr: `b'raw \xff'`, want: "raw \xff"},
	{expr: `'é😀\u2028"\\\n\t\x00\x7f/<'`, want: `"\u00e9\ud83d\ude00\u2028\"\\\n\t\u0000\u007f/<"`, new: "\"é😀\u2028\\\"\\\\\\n\\t\\u0000\x7f/<\""},
	{expr: `{'é':'\u2029', 'p':Point('ß',b'\xc3\x9f')}`, want: `{"\u00e9": "\u2029", "p": {"x": "\u00df", "y": "\u00df"}}`, new: "{\"é\": \"\u2029\", \"p\": {\"x\": \"ß\", \"y\": \"ß\"}}"},
	{expr: `[float('nan'),float('inf'),float('-inf')]`, want: `[NaN, Infinity, -Infinity]`},
	{expr: `[10**30,-0.0,1e22,1e-7,0.1,1.0]`, want: `[1000000000000000000000000000000, -0.0, 1e+22, 1e-07, 0.1, 1.0]`},
	{expr: `[Name('n'),Number(7),Real(1.5),Table(a=1),Sequence([1]),Level.LOW,collections.OrderedDict(b=1,a=2)]`, want: `["n", 7, 1.5, {"a": 1}, [1], 1, {"b": 1, "a": 2}]`},
	{expr: `[Real('nan'), Real('inf'), Decimal(1)]`, want: `[NaN, Infinity, 1]`},
	{expr: `{1:1, 1.5:2, None:3, True:4, float('nan'):5, Number(9):6, Name('z'):7}`, want: `{"1": 4, "1.5": 2, "null": 3, "NaN": 5, "9": 6, "z": 7}`},
	{expr: `{1:b'', 1.5:2, None:3, float('inf'):5, Number(9):6, Name('z'):7, False:8}`, want: `{"1": "", "1.5": 2, "null": 3, "Infinity": 5, "9": 6, "z": 7, "false": 8}`},
	{expr: `{'a':{1,2}}`, kind: "Runtime.MarshalError", want: `Unable to marshal response: Object of type set is not JSON serializable`},
	{expr: `datetime.datetime(2020,1,1)`, kind: "Runtime.MarshalError", want: `Unable to marshal response: Object of type datetime is not JSON serializable`},
	{expr: `Data(1)`, kind: "Runtime.MarshalError", want: `Unable to marshal response: Object of type Data is not JSON serializable`},
	{expr: `Color.RED`, kind: "Runtime.MarshalError", want: `Unable to marshal response: Object of type Color is not JSON serializable`},
	{expr: `(i for i in [1])`, kind: "Runtime.MarshalError", want: `Unable to marshal response: Object of type generator is not JSON serializable`},
	{expr: `range(2)`, kind: "Runtime.MarshalError", want: `Unable to marshal response: Object of type range is not JSON serializable`},
	{expr: `bytearray(b'a')`, kind: "Runtime.MarshalError", want: `Unable to marshal response: Object of type bytearray is not JSON serializable`},
	{expr: `ValueError('x')`, kind: "Runtime.MarshalError", want: `Unable to marshal response: Object of type ValueError is not JSON serializable`},
	{expr: `AsDict`, kind: "Runtime.MarshalError", want: `Unable to marshal response: Object of type type is not JSON serializable`},
	{expr: `1j`, kind: "Runtime.MarshalError", want: `Unable to marshal response: Object of type complex is not JSON serializable`},
	{expr: `{(1,2):1}`, kind: "Runtime.MarshalError", want: `Unable to marshal response: keys must be str, int, float, bool or None, not tuple`},
	{expr: `{Decimal(1):1}`, kind: "Runtime.MarshalError", want: `Unable to marshal response: keys must be str, int, float, bool or None, not Decimal`},
	{expr: `cycle()`, kind: "Runtime.MarshalError", want: `Unable to marshal response: Circular reference detected`},
	{expr: `cycle_of_dicts()`, kind: "Runtime.MarshalError", want: `Unable to marshal response: Circular reference detected`},
	{expr: `(lambda a: [a, a, {'x': a}])([1])`, want: `[[1], [1], {"x": [1]}]`},
}

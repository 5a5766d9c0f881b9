"""What clinicians type, and the WHO ICD-10 codes or words it means.

`CODES_MEANT` goes from an everyday phrase to codes, likeliest first. `WORDS_MEANT` goes from one word to the
word WHO's titles use. All in lower case without punctuation.
"""

_MIND = """
gad: F41.1
generalised anxiety: F41.1
generalized anxiety: F41.1
anxiety: F41.1 F41.9 F41.2 F41.0 F40.1
anxious: F41.9 F41.1
panic attack: F41.0
panic disorder: F41.0
social anxiety: F40.1
agoraphobia: F40.0
phobia: F40.2 F40.9
ptsd: F43.1
post traumatic stress: F43.1
trauma: F43.1 F43.0 F43.9
acute stress: F43.0
adjustment disorder: F43.2
adjustment: F43.2
grief: F43.2 Z63.4
bereavement: Z63.4 F43.2
mdd: F32.9 F33.9 F32.1 F33.1
major depression: F32.9 F33.9
depression: F32.9 F33.9 F32.1 F32.0 F32.2
depressed: F32.9
recurrent depression: F33.9
dysthymia: F34.1
persistent depressive: F34.1
postpartum depression: F53.0
postnatal depression: F53.0
bipolar: F31.9
mania: F30.9
bpd: F60.3
borderline personality: F60.3
ocd: F42.9 F42.2
obsessive compulsive: F42.9
adhd: F90.0
add: F90.0
attention deficit: F90.0
odd: F91.3
oppositional defiant: F91.3
autism: F84.0
asd: F84.0 F84.5
asperger: F84.5
dyslexia: F81.0
learning disorder: F81.9
stutter: F98.5
tics: F95.9
tourette: F95.2
bedwetting: F98.0
burnout: Z73.0
burn out: Z73.0
stress: Z73.3 F43.9
work stress: Z56.6
relationship problems: Z63.0
marital problems: Z63.0
couples therapy: Z63.0
divorce: Z63.5
insomnia: F51.0 G47.0
sleep problems: G47.9 F51.9
self harm: X84 Z91.5
suicidal: R45.8
anorexia: F50.0 R63.0
anorexia nervosa: F50.0
bulimia: F50.2
binge eating: F50.4
eating disorder: F50.9
alcoholism: F10.2
alcohol dependence: F10.2
alcohol abuse: F10.1
drug addiction: F19.2
schizophrenia: F20.9
psychosis: F29
dementia: F03
conversion disorder: F44.9
health anxiety: F45.2
hypochondria: F45.2
somatization: F45.0
psychosomatic: F45.9
"""

_BODY = """
lbp: M54.5
lower back pain: M54.5
low back pain: M54.5
back pain: M54.5 M54.9
lumbago: M54.5
sciatica: M54.3 M54.4
neck pain: M54.2
whiplash: S13.4
stiff neck: M43.6
slipped disc: M51.2
herniated disc: M51.2
disc prolapse: M51.2
frozen shoulder: M75.0
rotator cuff: M75.1
shoulder impingement: M75.4
shoulder pain: M25.5
tennis elbow: M77.1
golfers elbow: M77.0
carpal tunnel: G56.0
trigger finger: M65.3
tmj: K07.6
sprain: S93.4 S63.5 S83.6
ankle sprain: S93.4
sprained ankle: S93.4
knee sprain: S83.6
wrist sprain: S63.5
acl: S83.5
meniscus tear: S83.2 M23.2
knee pain: M25.5
runners knee: M22.2
jumpers knee: M76.5
hip pain: M25.5
joint pain: M25.5
hip bursitis: M70.6
plantar fasciitis: M72.2
achilles tendinitis: M76.6
shin splints: M76.8
muscle strain: T14.6 M62.6
muscle pain: M79.1
oa: M19.9
osteoarthritis: M19.9 M17.9 M16.9
arthritis: M19.9 M13.9 M06.9
knee osteoarthritis: M17.9
hip osteoarthritis: M16.9
ra: M06.9
rheumatoid: M06.9
fibromyalgia: M79.7
osteoporosis: M81.9
scoliosis: M41.9
poor posture: M40.0
stroke: I64 I69.4
cva: I64 I69.4
hemiplegia: G81.9
cerebral palsy: G80.9
parkinsons: G20
ms: G35
concussion: S06.0
headache: R51 G44.2
tension headache: G44.2
migraine: G43.9
vertigo: R42 H81.1
bppv: H81.1
incontinence: R32 N39.3
copd: J44.9
physiotherapy: Z50.1
rehab: Z50.9
knee replacement: Z96.6
fall: W19
car accident: V49.9 V89.2
"""

_FOOD = """
diabetes: E11.9 E10.9 E14.9 O24.4
type 1 diabetes: E10.9
t1dm: E10.9
type 2 diabetes: E11.9
t2dm: E11.9
gestational diabetes: O24.4
gdm: O24.4
prediabetes: R73.0
insulin resistance: R73.0
high blood sugar: R73.9
hypoglycemia: E16.2
obesity: E66.9 E66.0 E66.8
obese: E66.9
overweight: E66.9
weight loss: R63.4
weight gain: R63.5
underweight: R62.8 E46
malnutrition: E46
failure to thrive: R62.8
poor appetite: R63.0
picky eating: R63.3 F98.2
fussy eater: R63.3 F98.2
high cholesterol: E78.0
cholesterol: E78.0 E78.5
high blood pressure: I10
hypertension: I10
gout: M10.9
ibs: K58.8
irritable bowel: K58.8
crohns: K50.9
ulcerative colitis: K51.9
coeliac: K90.0
celiac: K90.0
gerd: K21.9
reflux: K21.9
heartburn: R12 K21.9
constipation: K59.0
food allergy: T78.1
lactose intolerance: E73.9
iron deficiency: D50.9
vitamin d deficiency: E55.9
fatty liver: K76.0
kidney failure: N19 N18.9
ckd: N18.9
pcos: E28.2
diet advice: Z71.3
dietary counselling: Z71.3
nutrition counselling: Z71.3
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    pairs = (line.split(": ") for line in table.strip().splitlines())
    return {phrase: tuple(codes.split()) for phrase, codes in pairs}


CODES_MEANT: dict[str, tuple[str, ...]] = {**_read(_MIND), **_read(_BODY), **_read(_FOOD)}

WORDS_MEANT: dict[str, str] = {
    "lower": "low",
    "broken": "fracture",
    "break": "fracture",
    "torn": "injury",
    "tear": "injury",
    "thigh": "femur",
    "thighbone": "femur",
    "shinbone": "tibia",
    "kneecap": "patella",
    "collarbone": "clavicle",
    "tailbone": "coccyx",
    "jaw": "mandible",
    "tumor": "tumour",
    "anemia": "anaemia",
    "edema": "oedema",
    "diarrhea": "diarrhoea",
    "behavior": "behaviour",
    "behavioral": "behavioural",
    "counseling": "counselling",
    "pediatric": "child",
    "kids": "child",
    "children": "childhood",
    "kidney": "renal",
    "lung": "pulmonary",
    "belly": "abdominal",
    "stomach": "gastric",
    "generalised": "generalized",
    "depression": "depressive",
    "depressed": "depressive",
    "drinking": "alcohol",
    "drunk": "alcohol",
    "smoking": "tobacco",
    "weed": "cannabinoids",
    "cannabis": "cannabinoids",
    "fear": "phobic",
    "phobia": "phobic",
    "sugar": "glucose",
    "parkinsons": "parkinson",
    "alzheimers": "alzheimer",
}

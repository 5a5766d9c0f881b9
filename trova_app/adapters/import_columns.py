"""What other systems call their columns.

Each field lists its headings, likeliest first, in lower case without punctuation or blanks ("First Name" is
`firstname`). Where several columns of a file mean one field, the first one with something in the cell counts; of an
address all parts count, in the order given here. Sources: the export reports and templates of SimplePractice,
Cliniko, Jane, Power Diary (Zanda) and GoodX as their help pages describe them, and plain spreadsheets.
"""

Columns = dict[str, tuple[str, ...]]


def _read(table: str) -> Columns:
    pairs = (line.split(":") for line in table.strip().splitlines())
    return {field.strip(): tuple(headings.split()) for field, headings in pairs}


CLIENT_COLUMNS: Columns = _read("""
first_name: firstname legalfirstname givenname givennames forename patientfirstname clientfirstname \
 insurancefirstname nametheygoby preferredname
last_name: lastname legallastname surname familyname patientlastname patientsurname clientlastname clientsurname \
 insurancelastname
full_name: client clientname patient patientname fullname name clientfullname patientfullname
email: email emailaddress primaryemail clientemail patientemail homeemail workemail
phone: mobilephone mobile cell cellphone cellnumber cellno mobilenumber mobileno phone phonenumber primaryphone \
 telephone tel contactnumber homephone workphone patientphonenumbers
birth_date: dateofbirth dob birthdate birthday insurancedob dateofbirthdob
scheme: medicalaid medicalaidname medicalscheme scheme schemename primaryinsurance primaryinsurancepayer primarypayer \
 payer payername insurance insurancecompany insurer insurancename healthfund
scheme_option: option medicalaidoption schemeoption medicalaidplan plan planname benefitoption
member_number: membernumber membershipnumber memberno membershipno medicalaidnumber medicalaidno memberid insuranceid \
 insuranceidmemberid insurancememberid policynumber schemenumber number
dependant_code: dependantcode dependentcode dependantno dependentno depcode dependant dependent
main_member: mainmember mainmembername principalmember principalmembername debtor debtorname accountholder guarantor
diagnoses: diagnosis diagnoses diagnosiscode diagnosiscodes icd10 icd10code icd10codes icdcode icdcodes
address: address streetaddress street address1 addressline1 address2 addressline2 address3 addressline3 suburb city \
 town state province region zip zipcode postcode postalcode country
status: status clientstatus patientstatus
archived: archivedat archived
external_id: id clientid patientid externalid clientidentifier patientnumber patientno clientnumber clientno
""")

APPOINTMENT_COLUMNS: Columns = _read("""
start: startsat start appointmentstart startdatetime startdateandtime starttime appointmenttime time from
day: date appointmentdate dateofservice servicedate startdate day
end: endsat end appointmentend enddatetime enddateandtime endtime finishtime finish to
minutes: duration durationminutes durationmins durationmin length lengthminutes minutes
client_name: client clientname patient patientname fullname name clientfullname patientfullname
first_name: firstname clientfirstname patientfirstname
last_name: lastname surname clientlastname clientsurname patientlastname patientsurname
client_email: clientemail patientemail email emailaddress
client_external_id: clientid patientid clientidentifier patientnumber clientnumber
service_name: service servicename appointmenttype appointmenttypename treatment treatmentname servicesprovided \
 servicedescription sessiontype type
practitioner_name: practitioner practitionername clinician clinicianname provider providername therapist staffmember \
 staff primaryclinician doctor
place: location locationname place placeofservice business businessname clinic office room
status: status appointmentstatus attendance attendancestatus state
cancelled: cancellationtime cancelledat canceledat cancelled canceled
missed: didnotarrive noshow dna
arrived: patientarrived arrived arrivedat
external_id: id appointmentid bookingid externalid appointmentnumber
note: note notes appointmentnote appointmentnotes comment comments
""")

CLIENT_STATUSES = {
    "archived": "archived archive inactive discharged closed deceased former no",
    "prospect": "prospect prospective lead waitlist waiting enquiry inquiry",
    "active": "active current open new yes",
}

ATTENDANCES = {
    "cancelled": "cancelled canceled latecancelled latecanceled latecancellation latecancel cancellation rescheduled",
    "missed": "missed noshow didnotarrive didnotattend didnotshow dna absent",
    "arrived": "arrived show attended completed complete checkedin checkedout seen present done paid invoiced",
    "scheduled": "scheduled booked confirmed unconfirmed pending upcoming active tentative new open",
}


def plain_heading(heading: str) -> str:
    """A heading or a status as it stands in the tables above."""
    return "".join(letter for letter in heading.casefold() if letter.isalnum())


def meaning(said: str, meanings: dict[str, str]) -> str | None:
    """Which of the meanings lists the word, or None where none does."""
    word = plain_heading(said)
    return next((name for name, words in meanings.items() if word in words.split()), None)

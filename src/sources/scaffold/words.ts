/**
 * The words by which `habeas policy scaffold` reads names of tables and columns. Words are separated by commas; a word of several parts
 * ("first name") means these parts one after another, as in first_name, FirstName or customer-first-name. Endings of the plural and accents
 * do not matter. Only whole parts of a name count: "mail" is not found in "mailbox_size".
 */
export const LANGUAGES = ['en', 'de', 'fr', 'es'] as const
export type Language = (typeof LANGUAGES)[number]
type Words = Readonly<Record<Language, string>>

/** What the name of a column can say. */
export const COLUMN_WORDS = {
  given_name: {
    en: 'first name, firstname, given name, forename, middle name, nickname',
    de: 'vorname, rufname, spitzname',
    fr: 'prenom',
    es: 'nombre de pila, primer nombre, segundo nombre',
  },
  family_name: {
    en: 'last name, lastname, surname, family name, maiden name',
    de: 'nachname, familienname, geburtsname, zuname',
    fr: 'nom de famille, nom usuel, patronyme',
    es: 'apellido, primer apellido, segundo apellido',
  },
  full_name: {
    en: 'full name, fullname, person name, holder name, recipient name, display name',
    de: 'vollname, inhaber, kontoinhaber, empfaengername',
    fr: 'nom complet, titulaire',
    es: 'nombre completo, titular',
  },
  contact_person: {
    en: 'contact name, contact person, contact title',
    de: 'ansprechpartner, kontaktperson, ansprechperson',
    fr: 'interlocuteur, nom contact, nom du contact, personne contact',
    es: 'persona contacto, persona de contacto, nombre contacto',
  },
  name: { en: 'name', de: 'name, anrede', fr: 'nom, civilite', es: 'nombre, tratamiento' },
  email: {
    en: 'email, e mail, mail, mail address, email address',
    de: 'mailadresse, emailadresse, mail, epost',
    fr: 'courriel, mel, adresse electronique, mail',
    es: 'correo, correo electronico, mail',
  },
  phone: {
    en: 'phone, telephone, mobile, cell, cellphone, fax, msisdn, phone number',
    de: 'telefon, telefonnummer, handy, mobil, mobilnummer, fax, rufnummer',
    fr: 'telephone, tel, portable, telecopie',
    es: 'telefono, movil, celular, fax',
  },
  address: {
    en: 'address, street, house number, addr',
    de: 'adresse, anschrift, strasse, hausnummer, wohnort, postfach',
    fr: 'adresse, rue, voie, domicile',
    es: 'direccion, calle, domicilio',
  },
  postal_code: {
    en: 'postal code, postcode, zip, zip code, zipcode',
    de: 'plz, postleitzahl',
    fr: 'code postal, cp',
    es: 'codigo postal, cp',
  },
  birth: {
    en: 'birth date, birthdate, date of birth, birthday, dob, birth year, birthplace',
    de: 'geburtsdatum, geburtstag, geburtsjahr, geburtsort',
    fr: 'date naissance, date de naissance, naissance, lieu de naissance',
    es: 'fecha nacimiento, fecha de nacimiento, nacimiento',
  },
  gender: { en: 'gender, sex', de: 'geschlecht', fr: 'sexe', es: 'sexo, genero de la persona' },
  national_id: {
    en: 'ssn, social security, national id, passport, tax id, id card, driving licence, license number',
    de: 'steuernummer, steueridnr, sozialversicherungsnummer, ausweisnummer, personalausweis, reisepass',
    fr: 'numero secu, securite sociale, nir, passeport, numero fiscal',
    es: 'dni, nie, nif, pasaporte, seguridad social',
  },
  bank: {
    en: 'iban, bic, bank account, account holder, credit card, card number',
    de: 'iban, bankverbindung, kontonummer, kartennummer, kreditkarte',
    fr: 'iban, rib, compte bancaire, carte bancaire',
    es: 'iban, cuenta bancaria, tarjeta',
  },
  network: {
    en: 'ip, ip address, ipaddress, user agent, browser, device id, imei, mac address',
    de: 'ip adresse, geraetekennung',
    fr: 'adresse ip, navigateur',
    es: 'direccion ip, navegador',
  },
  login: {
    en: 'username, user name, login, login name',
    de: 'benutzername, nutzername, anmeldename',
    fr: 'nom utilisateur, identifiant connexion',
    es: 'nombre usuario',
  },
  secret: {
    en: 'password, passwd, secret, token, pin, api key, password hash, salt, otp',
    de: 'passwort, kennwort, pin, geheimnis',
    fr: 'mot de passe, motdepasse, jeton',
    es: 'contrasena, clave',
  },
  health: {
    en: 'health, diagnosis, allergy, allergies, disability, religion, ethnicity',
    de: 'gesundheit, diagnose, allergie, behinderung, religion, konfession',
    fr: 'sante, diagnostic, allergie, handicap, religion',
    es: 'salud, diagnostico, alergia, discapacidad, religion',
  },
  picture: { en: 'photo, portrait, avatar, signature', de: 'foto, lichtbild, unterschrift', fr: 'photo, signature', es: 'foto, firma' },
  author: {
    en: 'author, composer, writer, lyricist, photographer, translator, illustrator',
    de: 'autor, verfasser, komponist, uebersetzer, fotograf',
    fr: 'auteur, compositeur, traducteur, photographe',
    es: 'autor, compositor, traductor, fotografo',
  },
  free_text: {
    en: 'note, notes, comment, message, body, remark, memo, biography, description, transcript, subject',
    de: 'notiz, bemerkung, kommentar, nachricht, anmerkung, protokoll, begruendung',
    fr: 'remarque, commentaire, message, circonstance, contenu',
    es: 'nota, comentario, mensaje, observacion',
  },
  website: { en: 'homepage, website, url, web', de: 'webseite, internetseite', fr: 'site, site web', es: 'sitio web, pagina web' },
  maintenance: {
    en: 'last update, last updated, updated at, updated on, modified at, modified on, date modified, row version, etag, lock version',
    de: 'geaendert am, aktualisiert am, zuletzt geaendert',
    fr: 'modifie le, mis a jour le, date modification, maj',
    es: 'actualizado en, actualizado el, modificado en, modificado el',
  },
  number: {
    en: 'id, ids, no, nr, number, key, uuid, guid, code, ref',
    de: 'nummer, kennung, schluessel',
    fr: 'identifiant, numero, num, cle',
    es: 'numero, num, codigo, identificador',
  },
} as const satisfies Record<string, Words>

/** People in the names of tables, by the category their data usually has. */
export const PERSON_WORDS = {
  account: {
    en: 'customer, client, user, account, member, person, people, contact, patient, student, pupil, guest, tenant, visitor, subscriber, applicant, donor, guardian, tutor, reader, borrower, passenger, player, child, parent, relative, beneficiary',
    de: 'kunde, kundin, nutzer, benutzer, mitglied, mitglieder, person, patient, schueler, student, gast, gaeste, mieter, leser, bewerber, spender, abonnent, teilnehmer, angehoerige, kontakt, versicherte',
    fr: 'client, utilisateur, membre, personne, patient, eleve, etudiant, locataire, lecteur, adherent, abonne, candidat, donateur, ayant droit, beneficiaire, assure',
    es: 'cliente, usuario, miembro, persona, paciente, alumno, estudiante, inquilino, lector, socio, abonado, candidato, donante, tutor, beneficiario, asegurado',
  },
  employment: {
    en: 'employee, staff, worker, operator, agent, teacher, doctor, driver, manager, colleague, personnel, seller',
    de: 'mitarbeiter, angestellte, personal, lehrer, arzt, aerzte, fahrer, sachbearbeiter, verkaeufer',
    fr: 'employe, salarie, personnel, professeur, enseignant, medecin, chauffeur, gestionnaire, vendeur',
    es: 'empleado, trabajador, personal, profesor, docente, medico, conductor, gestor, vendedor',
  },
  public: {
    en: 'actor, actress, author, writer, composer, director, politician, athlete, speaker',
    de: 'schauspieler, autor, verfasser, komponist, regisseur, sprecher',
    fr: 'acteur, auteur, compositeur, realisateur',
    es: 'actor, actriz, autor, compositor, director',
  },
} as const satisfies Record<string, Words>

/** Bodies that are not people, though they name a contact: what points at them is about the body. */
export const ORGANISATION_WORDS: Words = {
  en: 'company, organisation, organization, supplier, vendor, shipper, carrier, partner, manufacturer, publisher, tenant organisation, department, team, institution',
  de: 'firma, firmen, unternehmen, lieferant, haendler, hersteller, verlag, abteilung, organisation, partner',
  fr: 'societe, entreprise, fournisseur, transporteur, partenaire, fabricant, organisation',
  es: 'empresa, proveedor, transportista, socio comercial, fabricante, departamento, organizacion',
}

/** Things, places and kinds: their rows are about nobody, whoever points at them or made them. */
export const THING_WORDS: Words = {
  en: 'product, item, article, film, movie, track, album, artist, song, genre, playlist, category, type, kind, status, state, city, country, region, territory, language, currency, store, shop, branch, warehouse, inventory, stock, media, book, title, course, class, lesson, room, building, setting, config, template, translation, tag, price, tariff, plan, feature, migration, demographic, version, vehicle, asset, equipment, theme, holiday, calendar, rate, tax, unit',
  de: 'produkt, artikel, film, buch, buecher, medium, titel, kategorie, art, typ, status, stadt, ort, land, region, sprache, waehrung, filiale, zweigstelle, lager, bestand, kurs, raum, gebaeude, einstellung, vorlage, preis, tarif, fahrzeug, geraetetyp',
  fr: 'produit, article, livre, film, titre, categorie, type, statut, ville, pays, region, langue, devise, magasin, agence, entrepot, stock, cours, salle, batiment, parametre, modele, prix, tarif, garantie, vehicule, matiere',
  es: 'producto, articulo, libro, pelicula, titulo, categoria, tipo, estado, ciudad, pais, region, idioma, moneda, tienda, sucursal, almacen, existencia, curso, clase, aula, sala, edificio, ajuste, plantilla, precio, tarifa, vehiculo, asignatura, materia',
}

/** What rows that belong to a person are for, by category; such rows are about the person they point at. */
export const PURPOSE_WORDS = {
  billing: {
    en: 'payment, invoice, bill, billing, charge, refund, transaction, subscription, receipt, fee',
    de: 'zahlung, rechnung, gebuehr, bescheid, mahnung, buchung, beleg, quittung',
    fr: 'paiement, facture, cotisation, reglement, abonnement',
    es: 'pago, factura, recibo, cobro, suscripcion',
  },
  orders: {
    en: 'order, rental, booking, reservation, purchase, loan, basket, cart, delivery, shipment, contract, claim, enrolment, enrollment, appointment',
    de: 'bestellung, auftrag, auftraege, ausleihe, miete, reservierung, lieferung, vertrag, vertraege, kauf, kaeufe, schaden, termin, einkauf',
    fr: 'commande, location, reservation, achat, livraison, contrat, sinistre, inscription, rendez vous, pret',
    es: 'pedido, alquiler, reserva, compra, entrega, contrato, siniestro, matricula, cita, prestamo',
  },
  support: {
    en: 'ticket, message, support, complaint, inquiry, call, chat, thread, review, rating',
    de: 'anfrage, nachricht, beschwerde, anruf, bewertung, wunsch, wuensche',
    fr: 'demande, message, reclamation, appel, echange, avis',
    es: 'consulta, mensaje, queja, reclamacion, llamada, resena',
  },
  security: {
    en: 'security, login, audit, signin, access log, connection',
    de: 'anmeldung, sicherheit, zugriff',
    fr: 'connexion, securite, acces',
    es: 'acceso, seguridad, inicio sesion',
  },
  telemetry: {
    en: 'telemetry, event, usage, visit, activity, click, session',
    de: 'ereignis, nutzung, besuch',
    fr: 'evenement, visite',
    es: 'evento, visita',
  },
  marketing: {
    en: 'newsletter, marketing, consent, preference, campaign, mailing',
    de: 'rundbrief, einwilligung, werbung',
    fr: 'lettre information, consentement',
    es: 'boletin, consentimiento',
  },
  device: { en: 'device, phone, handset', de: 'geraet, geraete', fr: 'appareil', es: 'dispositivo' },
  crash: { en: 'crash, diagnostic report', de: 'absturz', fr: 'plantage', es: 'fallo' },
  content: {
    en: 'conversation, document, file, memory, post, upload',
    de: 'dokument, datei, beitrag',
    fr: 'document, fichier',
    es: 'documento, archivo',
  },
  contact: { en: 'address, phone book, contact', de: 'adresse, anschrift', fr: 'adresse, coordonnee', es: 'direccion' },
} as const satisfies Record<string, Words>

export type ColumnConcept = keyof typeof COLUMN_WORDS
export type PersonKind = keyof typeof PERSON_WORDS
export type Purpose = keyof typeof PURPOSE_WORDS
